"""Rows that every activity updates find room on their own page, and pages are tidied sooner."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T02:05:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Room for updates on the tables that every activity touches"

# An update that finds room beside the old row leaves the indexes alone.
FORWARDS = """
ALTER TABLE tally SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE day_in_flow SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE value_in_flow SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE day_tally SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE active_day SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE standing SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE board_points SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
"""

BACKWARDS = FORWARDS.replace("SET (", "RESET (").replace(" = 80", "").replace(" = 0.05", "")


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
