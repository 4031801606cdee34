"""Boards among the members of a segment, and what segments are worked out by."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T00:40:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Boards among the members of a segment"

# The ledger only grows, so what is recorded late is at its end: an index of a few pages says where.
FORWARDS = """
CREATE VIEW segment_standing AS
    SELECT m.segment, m.period AS in_period, b.*
    FROM segment_member m JOIN board_standing b USING (member_id);
CREATE INDEX ledger_entry_recorded ON ledger_entry USING brin (recorded_at)
    WITH (autosummarize = on);
"""

BACKWARDS = """
DROP INDEX ledger_entry_recorded;
DROP VIEW segment_standing;
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
