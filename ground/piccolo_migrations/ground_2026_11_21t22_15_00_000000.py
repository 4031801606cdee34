"""The audit trail only grows."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-21T22:15:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The audit trail only grows"

FORWARDS = """
CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail only grows' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_only_grows();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();
"""

BACKWARDS = """
DROP TRIGGER audit_is_not_emptied ON audit_entry;
DROP TRIGGER audit_only_grows ON audit_entry;
DROP FUNCTION audit_only_grows();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="ground", description=DESCRIPTION)

    async def run() -> None:
        await execute(FORWARDS)

    async def run_backwards() -> None:
        await execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(run_backwards)
    return manager
