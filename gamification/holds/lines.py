"""A member's ledger as people read it: a line for each activity, whatever became of it.

What was held, released or taken back by staff is one line, not the entries that it took. The
points of all lines add up to the member's points.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from gamification.by_hand.reason import Reason, reason_in
from gamification.holds.chain import RELEASE, STAFF
from gamification.holds.line import Stands
from ground.engine import fetch

LINES: Final = """
SELECT e.id, e.member_id, e.kind, e.source, e.key, e.subject, e.quantity, e.occurred_at, e.day_only,
    e.reason, e.recorded_at, mine.wanted,
    e.points + coalesce((SELECT sum(i.points) FROM entry_hold x JOIN ledger_entry i
                         ON i.reverses = x.entry_id WHERE x.origin_id = e.id), 0)
             + coalesce((SELECT sum(r.points) FROM entry_hold x JOIN ledger_entry r
                         ON r.id = x.release_id WHERE x.origin_id = e.id), 0) AS points,
    CASE WHEN e.reverses IS NOT NULL THEN coalesce(
        (SELECT x.origin_id FROM entry_hold x WHERE x.release_id = e.reverses), e.reverses
    ) END AS reverses,
    CASE WHEN h.state = 'held' THEN 'held'
         WHEN EXISTS (SELECT FROM ledger_entry i
                      WHERE i.reverses = coalesce(h.release_id, h.entry_id, e.id))
         THEN 'taken_back' ELSE 'counts' END AS stands,
    CASE WHEN h.state IN ('held', 'reversed') THEN coalesce(h.decided_because, h.reason)
         WHEN e.source = 'ambassade:staff' THEN (
             SELECT a.reason FROM hand_act a WHERE a.id = e.key::bigint
         ) END AS told,
    h.held_by, h.held_at, h.state AS hold_state, h.decided_by, h.decided_at
FROM mine JOIN ledger_entry e ON e.id = mine.id
LEFT JOIN LATERAL (
    SELECT * FROM entry_hold x WHERE x.origin_id = e.id ORDER BY x.id DESC LIMIT 1
) h ON true
ORDER BY e.id DESC
"""

# What was held on an account that was merged into this one is shown here, and nowhere else.
OF_MEMBER: Final = """
WITH mine AS (
    (SELECT e.id, e.id AS wanted FROM ledger_entry e
     WHERE e.member_id = $1 AND ($2::bigint IS NULL OR e.id < $2)
        AND ($4::text IS NULL OR e.kind = $4) AND ($5::text IS NULL OR e.source = $5)
        AND ($6::text IS NULL OR e.subject = $6)
        AND (NOT $7 OR EXISTS (
            SELECT FROM entry_hold x WHERE x.origin_id = e.id AND x.state = 'held'))
        AND e.source <> 'ambassade:release'
        AND (e.reverses IS NULL OR NOT EXISTS (
            SELECT FROM entry_hold x WHERE x.entry_id = e.reverses))
     ORDER BY e.id DESC LIMIT $3)
    UNION ALL
    (SELECT e.id, e.id FROM entry_hold h JOIN ledger_entry e ON e.id = h.origin_id
     WHERE h.member_id = $1 AND e.member_id <> $1 AND h.state = 'held'
        AND ($2::bigint IS NULL OR e.id < $2)
        AND ($4::text IS NULL OR e.kind = $4) AND ($5::text IS NULL OR e.source = $5)
        AND ($6::text IS NULL OR e.subject = $6)
     ORDER BY e.id DESC LIMIT $3)
)
"""

BY_ENTRY: Final = """
WITH mine AS (
    SELECT w.id AS wanted, coalesce(
        (SELECT x.origin_id FROM entry_hold x WHERE x.release_id = w.id), w.id
    ) AS id
    FROM unnest($1::bigint[]) AS w (id)
)
"""

if RELEASE not in OF_MEMBER or STAFF not in LINES:
    raise AssertionError("these statements name the sources of the product's own entries")


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines of a ledger to read."""

    kind: str | None = None
    source: str | None = None
    subject: str | None = None
    held: bool = False


EVERYTHING: Final = Filters()


class LedgerLine(msgspec.Struct, frozen=True, kw_only=True):
    """An activity, or a line that takes one back at the word of its source."""

    id: int
    member_id: UUID
    kind: str
    source: str
    key: str
    subject: str
    quantity: int
    occurred_at: datetime
    day_only: bool
    points: int
    reason: str | None
    reverses: int | None
    recorded_at: datetime
    stands: Stands
    told: Reason | None
    held_by: UUID | None
    held_at: datetime | None
    decided_by: UUID | None
    decided_at: datetime | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> "LedgerLine":
        plain = {
            name: row[name] for name in cls.__struct_fields__ if name not in ("stands", "told")
        }
        return cls(stands=Stands(row["stands"]), told=reason_in(row["told"]), **plain)


async def of_member(
    member_id: UUID, *, before: int | None, limit: int, filters: Filters = EVERYTHING
) -> list[LedgerLine]:
    """A member's lines, what was recorded last first."""
    rows = await fetch(
        OF_MEMBER + LINES + "LIMIT $3",
        member_id,
        before,
        limit,
        filters.kind,
        filters.source,
        filters.subject,
        filters.held,
    )
    return [LedgerLine.of(row) for row in rows]


async def by_entry(entry_ids: Collection[int]) -> dict[int, LedgerLine]:
    """The lines that entries belong to."""
    rows = await fetch(BY_ENTRY + LINES, list(entry_ids))
    return {row["wanted"]: LedgerLine.of(row) for row in rows}


async def line(entry_id: int) -> LedgerLine | None:
    """One line."""
    return (await by_entry([entry_id])).get(entry_id)


async def that_wait(after: int | None, limit: int) -> list[tuple[int, LedgerLine]]:
    """The activities that are held, the longest first, each with the number of its hold."""
    rows = await fetch(
        "SELECT id, origin_id FROM entry_hold WHERE state = 'held'"
        " AND ($1::bigint IS NULL OR id > $1) ORDER BY id LIMIT $2",
        after,
        limit,
    )
    found = await by_entry([row["origin_id"] for row in rows])
    return [(row["id"], found[row["origin_id"]]) for row in rows]
