"""Tiers that were spared before there was a word for it: what was taken back tells."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T02:45:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Tiers that were spared until now"

FORWARDS = """
UPDATE tier_held h SET spared = true
WHERE EXISTS (SELECT FROM ledger_entry r WHERE r.reverses = ANY(h.entries));
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="gamification", description=DESCRIPTION
    )

    async def run() -> None:
        await execute(FORWARDS)

    manager.add_raw(run)
    return manager
