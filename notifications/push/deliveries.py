"""What is to be pushed to which device, and what became of it. Pages of it, never one by one."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from ground import clock
from ground.engine import execute, fetch
from ground.unit_of_work import in_transaction
from notifications.devices.tables import Platform
from notifications.push.push import Push
from notifications.push.tables import PushState

# A worker that holds something for longer is dead, or as good as dead.
HELD: Final = timedelta(seconds=45)
# What was pushed is remembered for as long as its results are looked at.
KEPT: Final = timedelta(days=30)
FORGOTTEN_AT_ONCE: Final = 5_000

HAND_OVER: Final = """
INSERT INTO push_delivery (
    outbox_id, notification_id, member_id, device_id, push, due_at, expires_at
)
SELECT h.outbox_id, h.notification_id, h.member_id, d.id, h.push::jsonb, $1, h.expires_at
FROM unnest($2::bigint[], $3::bigint[], $4::uuid[], $5::text[], $6::timestamptz[])
    AS h (outbox_id, notification_id, member_id, push, expires_at)
JOIN device d ON d.member_id = h.member_id AND d.set_aside_at IS NULL
ORDER BY h.outbox_id, d.id
ON CONFLICT (outbox_id, device_id) DO NOTHING
RETURNING outbox_id
"""
# Committed before anything leaves. What somebody else held is taken over once, since it may have
# arrived; what was moved, read or withdrawn meanwhile isn't wanted any more.
CLAIM: Final = """
WITH next AS (
    SELECT p.id, d.token, d.platform, n.category, p.state = 'sending' AS taken_over, CASE
        WHEN p.expires_at <= $1 THEN 'failed'
        WHEN p.state = 'sending' AND p.repeats >= 1 THEN 'failed'
        WHEN d.id IS NULL OR n.archived_at IS NOT NULL OR n.read_at IS NOT NULL THEN 'dropped'
        ELSE 'sending'
    END AS state, CASE
        WHEN p.expires_at <= $1 THEN 'expired'
        WHEN p.state = 'sending' AND p.repeats >= 1 THEN 'unclear'
        WHEN d.id IS NULL THEN 'no_device'
        ELSE 'seen'
    END AS fault
    FROM push_delivery p
    LEFT JOIN device d ON d.id = p.device_id AND d.member_id = p.member_id
        AND d.set_aside_at IS NULL
    LEFT JOIN notification n ON n.id = p.notification_id
    WHERE p.state IN ('due', 'sending') AND p.due_at <= $1
    ORDER BY p.due_at LIMIT $4
    FOR UPDATE OF p SKIP LOCKED
)
UPDATE push_delivery p SET
    state = next.state,
    fault = CASE WHEN next.state = 'sending' THEN p.fault ELSE next.fault END,
    claim = CASE WHEN next.state = 'sending' THEN $2::uuid END,
    due_at = CASE WHEN next.state = 'sending' THEN $3 ELSE p.due_at END,
    done_at = CASE WHEN next.state <> 'sending' THEN $1 END,
    tries = p.tries + 1,
    repeats = p.repeats + next.taken_over::int
FROM next WHERE p.id = next.id
RETURNING p.id, p.outbox_id, p.notification_id, p.member_id, p.state, p.push, p.tries, p.repeats,
    next.token, next.platform, next.category
"""
# Only who still holds it has something to say about it.
SETTLE: Final = """
UPDATE push_delivery p SET
    state = o.state, claim = NULL, fault = o.fault, due_at = COALESCE(o.due_at, p.due_at),
    tries = p.tries - o.untried::int, repeats = p.repeats + (o.fault = 'unclear')::int,
    done_at = CASE WHEN o.state <> 'due' THEN $1::timestamptz END
FROM unnest($3::bigint[], $4::text[], $5::text[], $6::timestamptz[], $7::bool[])
    AS o (id, state, fault, due_at, untried)
WHERE p.id = o.id AND p.claim = $2
RETURNING p.outbox_id
"""
# Of those of which something came to its end here: what is known now that wasn't before.
ENDED: Final = """
SELECT outbox_id, min(notification_id) AS notification_id, (array_agg(member_id))[1] AS member_id,
    bool_or(state = 'sent') AS is_sent,
    (array_agg(fault ORDER BY done_at DESC) FILTER (WHERE fault <> ''))[1] AS fault
FROM push_delivery WHERE outbox_id = ANY($1)
GROUP BY outbox_id
HAVING NOT bool_or(state = 'sent' AND NOT id = ANY($2))
    AND (bool_or(state = 'sent') OR NOT bool_or(state IN ('due', 'sending')))
"""


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """A notification whose time to be pushed has come, and what to push."""

    outbox_id: int
    notification_id: int
    member_id: UUID
    push: Push


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A push to a device, held by one worker."""

    id: int
    outbox_id: int
    notification_id: int
    member_id: UUID
    # Nothing for what is in no inbox.
    category: str | None
    push: Push
    token: str
    platform: Platform
    tries: int
    repeats: int


class Page(msgspec.Struct, frozen=True):
    """What one worker took: what it holds, and the `outbox_id`s of what came to its end."""

    held: list[Claimed]
    ended: list[int]


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. `untried` says that it never left."""

    id: int
    state: PushState
    fault: str = ""
    due_at: datetime | None = None
    untried: bool = False


async def hand_over(handed: Sequence[Handed]) -> set[int]:
    """Push these to all devices of their members, in the caller's transaction.

    Handing the same over again changes nothing. Gives the `outbox_id`s of which something is
    pushed: who has no device isn't among them.
    """
    if not in_transaction():
        raise RuntimeError("a push is handed over in the transaction that decides on it")
    if not handed:
        return set()
    rows = await fetch(
        HAND_OVER,
        clock.now(),
        [each.outbox_id for each in handed],
        [each.notification_id for each in handed],
        [each.member_id for each in handed],
        [msgspec.json.encode(each.push).decode() for each in handed],
        [each.push.expires_at for each in handed],
    )
    return {row["outbox_id"] for row in rows}


async def claim(holder: UUID, most: int) -> Page:
    """Hold what is due, and commit that. What can't be sent any more ends on the way."""
    now = clock.now()
    rows = await fetch(CLAIM, now, holder, now + HELD, most)
    return Page(
        [_claimed(row) for row in rows if row["state"] == PushState.SENDING],
        [row["outbox_id"] for row in rows if row["state"] != PushState.SENDING],
    )


def _claimed(row: asyncpg.Record) -> Claimed:
    return Claimed(
        id=row["id"],
        outbox_id=row["outbox_id"],
        notification_id=row["notification_id"],
        member_id=row["member_id"],
        category=row["category"],
        push=msgspec.json.decode(row["push"], type=Push),
        token=row["token"],
        platform=Platform(row["platform"]),
        tries=row["tries"],
        repeats=row["repeats"],
    )


async def settle(holder: UUID, settled: Sequence[Settled]) -> int:
    """Write what became of what is still held by this worker. Return how many."""
    if not settled:
        return 0
    rows = await fetch(
        SETTLE,
        clock.now(),
        holder,
        [each.id for each in settled],
        [each.state.value for each in settled],
        [each.fault for each in settled],
        [each.due_at for each in settled],
        [each.untried for each in settled],
    )
    return len(rows)


async def ended(outbox_ids: Collection[int], just_now: Collection[int]) -> list[asyncpg.Record]:
    """Which of these it is known of only now what became of them.

    `just_now` are the deliveries that were settled a moment ago.
    """
    return await fetch(ENDED, list(outbox_ids), list(just_now)) if outbox_ids else []


async def withdraw(notification_ids: Sequence[int]) -> None:
    """Push these to nobody any more, as far as they haven't left."""
    await execute(
        """
        UPDATE push_delivery SET state = 'dropped', done_at = $2
        WHERE notification_id = ANY($1) AND state = 'due'
        """,
        list(notification_ids),
        clock.now(),
    )


async def forget_old() -> None:
    """Give up what was not sent in time, and forget what is long over, some at a time."""
    now = clock.now()
    await execute(
        """
        UPDATE push_delivery SET state = 'failed', fault = 'expired', done_at = $1
        WHERE state = 'due' AND expires_at <= $1
        """,
        now,
    )
    ended = "DELETE"
    while not ended.endswith(" 0"):
        ended = await execute(
            """
            DELETE FROM push_delivery WHERE id IN (
                SELECT id FROM push_delivery
                WHERE expires_at < $1 AND state NOT IN ('due', 'sending') LIMIT $2
            )
            """,
            now - KEPT,
            FORGOTTEN_AT_ONCE,
        )
