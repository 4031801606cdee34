"""What must be unique about notifications, and how they are found."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T04:01:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes of notifications, the outbox and attention"

# On a young installation there are no players yet, and nobody who is expected.
FORWARDS = """
CREATE UNIQUE INDEX notification_collapses_while_unread ON notification (member_id, collapse_key)
    WHERE read_at IS NULL AND archived_at IS NULL AND collapse_key <> '';
CREATE UNIQUE INDEX notification_once ON notification (member_id, once) WHERE once <> '';
CREATE INDEX notification_newest ON notification (member_id, told_at, id)
    WHERE shown_at IS NOT NULL AND archived_at IS NULL;
CREATE INDEX notification_unread ON notification (member_id)
    WHERE shown_at IS NOT NULL AND read_at IS NULL AND archived_at IS NULL;
CREATE INDEX notification_held_back ON notification (member_id, id) WHERE shown_at IS NULL;
CREATE INDEX notification_by_age ON notification USING brin (told_at);
CREATE UNIQUE INDEX outbox_waits_once ON outbox (notification_id) WHERE held_until IS NULL;
CREATE INDEX outbox_due ON outbox (due_at);
CREATE INDEX delivery_line_of_notification ON delivery_line (notification_id, id);
CREATE UNIQUE INDEX attention_spend_once ON attention_spend (notification_id);
CREATE INDEX attention_spend_of_member ON attention_spend (member_id, at);
CREATE UNIQUE INDEX attention_refusal_of_kind ON attention_refusal (member_id, kind);
ALTER TABLE outbox SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
DO $$ BEGIN
    IF to_regclass('player') IS NOT NULL THEN
        UPDATE preferences SET expected = true FROM player
        WHERE player.member_id = preferences.member_id AND player.state = 'unclaimed';
    END IF;
END $$;
"""

BACKWARDS = """
DROP INDEX notification_collapses_while_unread, notification_once, notification_newest,
    notification_unread, notification_held_back, notification_by_age, outbox_waits_once, outbox_due,
    delivery_line_of_notification, attention_spend_once, attention_spend_of_member,
    attention_refusal_of_kind;
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
