"""What waits to leave: take some, decide now whether it does, say what became of it.

A worker calls `claim`, then `decide`; it pushes what `decide` returns and says `done`, or `again`
for what has to be tried once more. A worker that dies lets go of what it held when its time is
over; one that wakes up after that changes nothing any more.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from ground import clock
from ground.engine import execute, fetch
from ground.languages import Language
from ground.unit_of_work import retried
from notifications.attention.plan import Why
from notifications.outbox.deciding import Decision
from notifications.outbox.lines import Line, Outcome, write
from notifications.wording.category import Category, Channel
from notifications.wording.registry import CATEGORIES

HELD_FOR: Final = timedelta(seconds=60)

CLAIM: Final = """
UPDATE outbox SET held_until = $1::timestamptz + $3::interval, tries = tries + 1
WHERE id IN (
    SELECT id FROM outbox
    WHERE due_at <= $1 AND (held_until IS NULL OR held_until <= $1)
    ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING id, tries, held_until
"""

# Notifications are locked in the order in which members are told.
READ: Final = """
SELECT o.id AS outbox_id, o.collapse_id, o.expires_at, o.tries, o.held_until,
    n.id AS notification_id, n.member_id, n.category, n.facts, n.actors, n.likes,
    n.read_at IS NOT NULL OR n.archived_at IS NOT NULL AS is_read, n.shown_at,
    coalesce(p.locale, 'fr') AS locale
FROM outbox o JOIN notification n ON n.id = o.notification_id
    JOIN unnest($1::bigint[], $2::timestamptz[]) AS h (id, held_until)
        ON h.id = o.id AND h.held_until = o.held_until
    LEFT JOIN preferences p ON p.member_id = n.member_id
ORDER BY n.member_id, n.collapse_key, n.once FOR NO KEY UPDATE OF n, o
"""

PUT_OFF: Final = """
WITH put_off AS (
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[])
        AS t (id, held_until, due_at)
), twins AS (
    DELETE FROM outbox o USING put_off t
    WHERE o.id = t.id AND o.held_until = t.held_until AND EXISTS (
        SELECT FROM outbox twin
        WHERE twin.notification_id = o.notification_id AND twin.held_until IS NULL)
    RETURNING o.id
)
UPDATE outbox o SET due_at = t.due_at, held_until = NULL, tries = CASE WHEN $4 THEN 0 ELSE tries END
FROM put_off t
WHERE o.id = t.id AND o.held_until = t.held_until AND o.id NOT IN (SELECT id FROM twins)
    AND NOT EXISTS (SELECT FROM outbox twin
        WHERE twin.notification_id = o.notification_id AND twin.held_until IS NULL)
"""

REMOVE: Final = """
DELETE FROM outbox o USING unnest($1::bigint[], $2::timestamptz[]) AS h (id, held_until)
WHERE o.id = h.id AND o.held_until = h.held_until
"""


class Held(msgspec.Struct, frozen=True):
    """Something that this worker may work on, until then."""

    id: int
    tries: int
    held_until: datetime


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """What leaves now. `facts` and the rest are for `wording.rendering.render`."""

    held: Held
    notification_id: int
    member_id: UUID
    category: Category
    facts: dict[str, Any]
    likes: int
    actors: tuple[UUID, ...]
    language: Language
    discreet: bool
    collapse_id: str
    expires_at: datetime


async def claim(limit: int, held_for: timedelta = HELD_FOR) -> list[Held]:
    """Take what is due, the oldest first. Nobody else gets it meanwhile."""
    rows = await fetch(CLAIM, clock.now(), limit, held_for)
    return [Held(*row) for row in rows]


async def decide(held: Sequence[Held]) -> list[Sending]:
    """Decide, now, about what is held. Return what is to be pushed.

    What is put off, dropped or left to the digest is noted and out of the way; what is asked is
    paid for, once.
    """
    return await retried(lambda: _decide(held)) if held else []


async def _decide(held: Sequence[Held]) -> list[Sending]:
    now = clock.now()
    rows = await fetch(READ, *_keys(held))
    decision = await Decision.about(rows, now)
    await decision.write()
    await put_off([(_held(row), until) for row, until in decision.put_off], afresh=True)
    await _remove([_held(row) for row in decision.finished])
    return [
        Sending(
            held=_held(row),
            notification_id=row["notification_id"],
            member_id=row["member_id"],
            category=CATEGORIES[row["category"]],
            facts=msgspec.json.decode(row["facts"]),
            likes=row["likes"],
            actors=tuple(row["actors"]),
            language=Language(row["locale"]),
            discreet=not decision.wishes[row["member_id"]].lock_screen,
            collapse_id=row["collapse_id"],
            expires_at=row["expires_at"],
        )
        for row in decision.pushed
    ]


async def done(
    sendings: Collection[Sending], why: Why = Why.SENT, outcome: Outcome = Outcome.SENT
) -> None:
    """It left, or never will: it doesn't wait any more, and why is noted."""

    async def noted() -> None:
        await _remove([each.held for each in sendings])
        await write(
            [
                Line(
                    notification_id=each.notification_id,
                    member_id=each.member_id,
                    channel=Channel.PUSH,
                    outcome=outcome,
                    why=why,
                )
                for each in sendings
            ]
        )

    if sendings:
        await retried(noted)


async def handed_on(sendings: Collection[Sending]) -> None:
    """It waits elsewhere from now on, and is noted once it has left."""
    await _remove([each.held for each in sendings])


async def put_off(held: Sequence[tuple[Held, datetime]], *, afresh: bool = False) -> None:
    """Look again then, to be decided anew. A new row for the same notification takes its place.

    `afresh` forgets how often it was tried.
    """
    if held:
        keys = [each for each, _ in held]
        await execute(PUT_OFF, *_keys(keys), [until for _, until in held], afresh)


async def _remove(held: Collection[Held]) -> None:
    if held:
        await execute(REMOVE, *_keys(held))


def _keys(held: Collection[Held]) -> tuple[list[int], list[datetime]]:
    return [each.id for each in held], [each.held_until for each in held]


def _held(row: asyncpg.Record) -> Held:
    return Held(row["outbox_id"], row["tries"], row["held_until"])
