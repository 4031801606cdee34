"""What squads are listed by."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T04:10:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "The indexes of squads"

FORWARDS = """
CREATE INDEX squad_newest ON squad (founded_at DESC, id DESC);
CREATE INDEX squad_with_room ON squad (founded_at DESC, id DESC)
    WHERE is_open AND dissolved_at IS NULL AND members < most;
"""
BACKWARDS = """
DROP INDEX squad_with_room, squad_newest;
"""


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
