"""How the next pushes are found."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T04:15:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "What is to be pushed next"

FORWARDS = """
CREATE INDEX push_delivery_next ON push_delivery (due_at) WHERE state IN ('due', 'sending');
ALTER TABLE push_delivery SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
"""
BACKWARDS = "DROP INDEX push_delivery_next;"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="notifications", description=DESCRIPTION)

    async def run() -> None:
        await execute(FORWARDS)

    async def run_backwards() -> None:
        await execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(run_backwards)
    return manager
