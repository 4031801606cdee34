"""The ledger only grows: triggers see to it. And the indexes that rules are looked up by."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-21T22:00:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "The ledger only grows; the indexes that rules are looked up by"

FORWARDS = """
CREATE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger only grows: reverse the entry instead' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_only_grows BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();
CREATE TRIGGER ledger_is_not_emptied BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows();
CREATE INDEX ledger_entry_of_member ON ledger_entry (member_id, kind);
CREATE INDEX ledger_entry_newest ON ledger_entry (member_id, id);
CREATE INDEX ledger_entry_on_subject ON ledger_entry (subject, kind) WHERE subject <> '';
CREATE UNIQUE INDEX reversed_once ON ledger_entry (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX ledger_entry_below_parent ON ledger_entry (parent) WHERE parent <> '';
CREATE INDEX board_points_in_order ON board_points (scope, period, points DESC);
CREATE INDEX award_of_badge ON award (badge);
"""

BACKWARDS = """
DROP INDEX reversed_once, award_of_badge, board_points_in_order, ledger_entry_below_parent,
    ledger_entry_on_subject, ledger_entry_newest, ledger_entry_of_member;
DROP TRIGGER ledger_is_not_emptied ON ledger_entry;
DROP TRIGGER ledger_only_grows ON ledger_entry;
DROP FUNCTION ledger_only_grows();
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
