"""A member's inbox: what came, what is unread, what was put away."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from ground import clock
from ground.engine import execute, fetch, fetchrow, fetchval
from ground.unit_of_work import unit_of_work
from notifications.inbox import live
from notifications.inbox.errors import NotificationNotFound
from notifications.wording.registry import CATEGORIES

KEPT_FOR: Final = timedelta(days=365)
AT_A_TIME: Final = 5_000

UNREAD: Final = """
SELECT count(*) FROM notification
WHERE member_id = $1 AND shown_at IS NOT NULL AND read_at IS NULL AND archived_at IS NULL
"""

PAGE: Final = """
SELECT id, category, facts, actors, likes, told_at, read_at, declined_at
FROM notification
WHERE member_id = $1 AND shown_at IS NOT NULL AND archived_at IS NULL AND category = ANY($2::text[])
    AND ($3::timestamptz IS NULL OR (told_at, id) < ($3, $4::bigint))
    AND (NOT $5 OR read_at IS NULL)
ORDER BY told_at DESC, id DESC LIMIT $6
"""

HELD_BACK: Final = """
SELECT n.id, n.category, n.facts, n.actors, n.likes, n.told_at, l.why, l.until
FROM notification n CROSS JOIN LATERAL (
    SELECT d.why, d.until FROM delivery_line d WHERE d.notification_id = n.id
    ORDER BY d.id DESC LIMIT 1
) l
WHERE n.member_id = $1 AND n.shown_at IS NULL AND n.category = ANY($2::text[])
    AND ($3::bigint IS NULL OR n.id < $3)
ORDER BY n.id DESC LIMIT $4
"""

# Lines go with what they are about, some at a time.
PURGE: Final = """
WITH old AS (
    DELETE FROM notification WHERE id IN (
        SELECT id FROM notification WHERE told_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
    ) RETURNING id, member_id
), waiting AS (DELETE FROM outbox WHERE notification_id IN (SELECT id FROM old)),
lines AS (DELETE FROM delivery_line WHERE notification_id IN (SELECT id FROM old))
SELECT member_id, count(*) AS messages FROM old GROUP BY member_id
"""


async def page(
    member_id: UUID, *, before: tuple[datetime, int] | None, unread_only: bool, limit: int
) -> list[asyncpg.Record]:
    """What came, the newest first."""
    moment, last = before or (None, None)
    return await fetch(PAGE, member_id, list(CATEGORIES), moment, last, unread_only, limit)


async def held_back(member_id: UUID, *, before: int | None, limit: int) -> list[asyncpg.Record]:
    """What would have asked something of the member and has not, and the last reason why."""
    return await fetch(HELD_BACK, member_id, list(CATEGORIES), before, limit)


async def unread(member_id: UUID) -> int:
    """How many messages the member hasn't read."""
    return int(await fetchval(UNREAD, member_id))


async def read(member_id: UUID, notification_id: int) -> None:
    """Mark a message as read. Again changes nothing."""
    await _mark(
        """
        UPDATE notification SET read_at = coalesce(read_at, $3)
        WHERE id = $1 AND member_id = $2 AND shown_at IS NOT NULL RETURNING id
        """,
        member_id,
        notification_id,
    )


async def archive(member_id: UUID, notification_id: int) -> None:
    """Put a message away."""
    await _mark(
        """
        UPDATE notification SET archived_at = coalesce(archived_at, $3)
        WHERE id = $1 AND member_id = $2 AND shown_at IS NOT NULL RETURNING id
        """,
        member_id,
        notification_id,
    )


async def _mark(statement: str, member_id: UUID, notification_id: int) -> None:
    async with unit_of_work():
        if await fetchrow(statement, notification_id, member_id, clock.now()) is None:
            raise NotificationNotFound
        live.tell([member_id])


async def read_all(member_id: UUID, until: datetime | None) -> None:
    """Mark everything as read that came until then."""
    async with unit_of_work():
        await execute(
            """
            UPDATE notification SET read_at = $2
            WHERE member_id = $1 AND shown_at IS NOT NULL AND read_at IS NULL
                AND archived_at IS NULL AND told_at <= coalesce($3, told_at)
            """,
            member_id,
            clock.now(),
            until,
        )
        live.tell([member_id])


async def story(member_id: UUID, notification_id: int) -> Sequence[asyncpg.Record]:
    """What became of a message, and why, from the beginning."""
    rows = await fetch(
        """
        SELECT n.category, n.told_at, n.shown_at, d.channel, d.outcome, d.why, d.until, d.at
        FROM notification n LEFT JOIN delivery_line d ON d.notification_id = n.id
        WHERE n.id = $1 AND n.member_id = $2 ORDER BY d.id LIMIT 100
        """,
        notification_id,
        member_id,
    )
    if not rows:
        raise NotificationNotFound
    return rows


async def purge() -> int:
    """Forget what was told more than a year ago, some at a time. Return how many."""
    async with unit_of_work():
        rows = await fetch(PURGE, clock.now() - KEPT_FOR, AT_A_TIME)
        live.tell(row["member_id"] for row in rows)
    return sum(row["messages"] for row in rows)


async def forget(member_id: UUID) -> None:
    """Forget all that a member was told: they left."""
    for statement in (
        "DELETE FROM outbox WHERE member_id = $1",
        "DELETE FROM delivery_line WHERE member_id = $1",
        "DELETE FROM notification WHERE member_id = $1",
    ):
        await execute(statement, member_id)
