"""The indexes by which the audit trail is read."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Timestamptz, Varchar

from ground.engine import execute

ID = "2026-11-22T01:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The ways to look something up in the audit trail"

FORWARDS = """
CREATE INDEX audit_entry_newest ON audit_entry (happened_at, id);
CREATE INDEX audit_entry_of_actor ON audit_entry (actor, happened_at, id);
CREATE INDEX audit_entry_on_subject ON audit_entry (subject, happened_at, id);
CREATE INDEX audit_entry_in_area ON audit_entry (split_part(action, '.', 1), happened_at, id);
"""

BACKWARDS = """
DROP INDEX audit_entry_in_area, audit_entry_on_subject, audit_entry_of_actor, audit_entry_newest;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="ground", description=DESCRIPTION)
    for column, kind in (("happened_at", Timestamptz), ("subject", Varchar)):
        manager.alter_column(
            table_class_name="AuditEntry",
            tablename="audit_entry",
            column_name=column,
            params={"index": False},
            old_params={"index": True},
            column_class=kind,
            old_column_class=kind,
        )

    async def run() -> None:
        await execute(FORWARDS)

    async def run_backwards() -> None:
        await execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(run_backwards)
    return manager
