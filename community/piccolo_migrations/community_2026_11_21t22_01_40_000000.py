"""The charter and the proof of consent only grow; one current key a source."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-21T22:01:40:000000"
VERSION = "1.38.0"
DESCRIPTION = "The charter and the proof of consent only grow; one current key a source"

FORWARDS = """
CREATE FUNCTION consent_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was published and accepted stays: add a new line instead'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER published_texts_stay BEFORE UPDATE OR DELETE ON charter_version
    FOR EACH ROW EXECUTE FUNCTION consent_only_grows();
CREATE TRIGGER published_texts_are_not_emptied BEFORE TRUNCATE ON charter_version
    FOR EACH STATEMENT EXECUTE FUNCTION consent_only_grows();
CREATE TRIGGER acceptances_stay BEFORE UPDATE OR DELETE ON charter_acceptance
    FOR EACH ROW EXECUTE FUNCTION consent_only_grows();
CREATE TRIGGER acceptances_are_not_emptied BEFORE TRUNCATE ON charter_acceptance
    FOR EACH STATEMENT EXECUTE FUNCTION consent_only_grows();
CREATE UNIQUE INDEX one_current_key_a_source ON integration_key (source)
    WHERE revoked_at IS NULL AND replaced_at IS NULL;
CREATE INDEX member_by_arrival ON member (state, created_at DESC, id DESC);
CREATE INDEX member_with_a_role ON member (role) WHERE role <> 'ambassador';
"""

BACKWARDS = """
DROP INDEX member_with_a_role, member_by_arrival, one_current_key_a_source;
DROP TRIGGER acceptances_are_not_emptied ON charter_acceptance;
DROP TRIGGER acceptances_stay ON charter_acceptance;
DROP TRIGGER published_texts_are_not_emptied ON charter_version;
DROP TRIGGER published_texts_stay ON charter_version;
DROP FUNCTION consent_only_grows();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="community", description=DESCRIPTION)

    async def run() -> None:
        await execute(FORWARDS)

    async def run_backwards() -> None:
        await execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(run_backwards)
    return manager
