"""Whose digest is due, which mails wait, and what is old."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T05:20:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes of digests"

FORWARDS = """
CREATE INDEX preferences_digest_due ON preferences
    (coalesce(digest_at, '-infinity'::timestamptz)) WHERE NOT expected AND digest <> 'never';
CREATE INDEX digest_mail_due ON digest (mail_due_at) WHERE mail_due_at IS NOT NULL;
CREATE INDEX digest_old ON digest (until);
"""

BACKWARDS = "DROP INDEX preferences_digest_due, digest_mail_due, digest_old"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="notifications", description=DESCRIPTION)

    async def run() -> None:
        await execute(FORWARDS)

    async def run_backwards() -> None:
        await execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(run_backwards)
    return manager
