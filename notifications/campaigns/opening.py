"""The app says that somebody opened a message from a push."""

from typing import Final
from uuid import UUID

from ground import clock
from ground.engine import fetchrow
from ground.unit_of_work import unit_of_work
from notifications.inbox import live
from notifications.inbox.errors import NotificationNotFound

# What arrived on a phone alone is in no inbox, and is opened all the same.
OPEN: Final = """
WITH opened AS (
    UPDATE notification SET read_at = coalesce(read_at, $3)
    WHERE id = $1 AND member_id = $2 RETURNING id
), noted AS (
    UPDATE campaign_member SET opened_at = coalesce(opened_at, $3)
    WHERE notification_id IN (SELECT id FROM opened)
)
SELECT id FROM opened
"""


async def opened(member_id: UUID, notification_id: int) -> None:
    """Note it, and that it is read. Again: no change."""
    async with unit_of_work():
        if await fetchrow(OPEN, notification_id, member_id, clock.now()) is None:
            raise NotificationNotFound
        live.tell([member_id])
