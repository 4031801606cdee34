"""Takes what is left of a stopped campaign out of the outbox, page by page."""

from typing import Final
from uuid import UUID

from ground import clock
from ground.engine import execute, fetch
from ground.unit_of_work import retried
from notifications.push import deliveries

AT_ONCE: Final = 5_000

PAGE: Final = """
SELECT notification_id FROM campaign_member
WHERE campaign = $1 AND notification_id > $2 ORDER BY notification_id LIMIT $3
"""
# Who asks why is told; whoever works on it just now finds out when it leaves.
TAKE_OUT: Final = """
WITH gone AS (
    DELETE FROM outbox WHERE notification_id = ANY($1::bigint[])
    RETURNING notification_id, member_id, category
)
INSERT INTO delivery_line (notification_id, member_id, channel, outcome, why, at)
SELECT notification_id, member_id, CASE WHEN category = 'campaign.ask' THEN 'inbox' ELSE 'push' END,
    CASE WHEN category = 'campaign.ask' THEN 'dropped' ELSE 'digest' END, 'stopped', $2
FROM gone
"""
# Who has it on one phone isn't told that it didn't come.
NOTE: Final = """
INSERT INTO delivery_line (notification_id, member_id, channel, outcome, why, at)
SELECT DISTINCT d.notification_id, d.member_id, 'push', 'dropped', 'stopped', $2::timestamptz
FROM push_delivery d
WHERE d.notification_id = ANY($1::bigint[]) AND d.state = 'due' AND NOT EXISTS (
    SELECT FROM push_delivery o WHERE o.notification_id = d.notification_id AND o.state = 'sent')
"""


async def withdraw(campaign_id: UUID) -> None:
    """Let nothing of it leave any more. Again, after a crash say: no change."""
    after = 0
    while ids := [row["notification_id"] for row in await fetch(PAGE, campaign_id, after, AT_ONCE)]:
        page = list(ids)

        async def taken_out(page: list[int] = page) -> None:
            await execute(TAKE_OUT, page, clock.now())
            await execute(NOTE, page, clock.now())
            await deliveries.withdraw(page)

        await retried(taken_out)
        after = ids[-1]
