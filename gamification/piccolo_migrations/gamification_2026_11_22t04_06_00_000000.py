"""Who appears on public sites is found without reading whole boards."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T04:06:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Who appears on public sites"

FORWARDS = """
CREATE INDEX player_on_public_sites ON player (member_id)
    WHERE state = 'active' AND visibility <> 'hidden' AND NOT staff AND public_visibility;
"""
BACKWARDS = "DROP INDEX player_on_public_sites"


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="gamification", description=DESCRIPTION
    )

    async def run() -> None:
        await execute(FORWARDS)

    async def run_backwards() -> None:
        await execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(run_backwards)
    return manager
