"""What the relay looks for, and who listens."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T04:02:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "What waits for the relay, and who listens"

# Each statement of the function has a snapshot of its own: the second sees what was committed
# before the lock was had.
FORWARDS = """
CREATE INDEX announcement_waits ON announcement (id) WHERE relayed_at IS NULL;
CREATE FUNCTION announcement_listeners(asked text[]) RETURNS TABLE (channel varchar)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('announcement_listeners'));
    RETURN QUERY SELECT c.channel FROM announcement_channel c WHERE c.channel = ANY(asked);
END $$;
"""

BACKWARDS = """
DROP FUNCTION announcement_listeners(text[]);
DROP INDEX announcement_waits;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="notifications", description=DESCRIPTION
    )

    async def run() -> None:
        await execute(FORWARDS)

    async def run_backwards() -> None:
        await execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(run_backwards)
    return manager
