"""Which campaigns are due, and what of one waits to leave."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T05:30:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes of campaigns"

FORWARDS = """
CREATE INDEX campaign_due ON campaign (state) WHERE state IN ('scheduled', 'sending');
CREATE INDEX campaign_newest ON campaign (created_at, id);
CREATE INDEX campaign_member_told ON campaign_member (campaign, notification_id);
CREATE INDEX campaign_member_of_notification ON campaign_member (notification_id);
ALTER TABLE campaign_member ADD CONSTRAINT a_campaign_is_told_by_a_notification
    FOREIGN KEY (notification_id) REFERENCES notification ON DELETE CASCADE;
"""

BACKWARDS = """
ALTER TABLE campaign_member DROP CONSTRAINT a_campaign_is_told_by_a_notification;
DROP INDEX campaign_due, campaign_newest, campaign_member_told, campaign_member_of_notification;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="notifications", description=DESCRIPTION)

    async def run() -> None:
        await execute(FORWARDS)

    async def run_backwards() -> None:
        await execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(run_backwards)
    return manager
