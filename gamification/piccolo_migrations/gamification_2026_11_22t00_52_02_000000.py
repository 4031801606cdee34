"""What was done by hand only grows; the indexes that it and what is held are looked up by."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T00:52:02:000000"
VERSION = "1.38.0"
DESCRIPTION = "What was done by hand only grows"

FORWARDS = """
CREATE FUNCTION hand_awards_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was done by hand only grows: act again instead' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER hand_awards_only_grow BEFORE UPDATE OR DELETE ON hand_award
    FOR EACH ROW EXECUTE FUNCTION hand_awards_only_grow();
CREATE TRIGGER hand_awards_are_not_emptied BEFORE TRUNCATE ON hand_award
    FOR EACH STATEMENT EXECUTE FUNCTION hand_awards_only_grow();
CREATE INDEX hand_award_of_member ON hand_award (member_id, badge, subject, season, id DESC);
CREATE INDEX hand_act_of_manager ON hand_act (done_by, at);
CREATE INDEX hand_act_of_member ON hand_act USING gin (members);
CREATE INDEX hand_act_that_waits ON hand_act (id) WHERE state = 'proposed';
CREATE INDEX entry_hold_that_waits ON entry_hold (id) WHERE state = 'held';
"""

BACKWARDS = """
DROP INDEX entry_hold_that_waits, hand_act_that_waits, hand_act_of_member, hand_act_of_manager,
    hand_award_of_member;
DROP TRIGGER hand_awards_are_not_emptied ON hand_award;
DROP TRIGGER hand_awards_only_grow ON hand_award;
DROP FUNCTION hand_awards_only_grow();
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
