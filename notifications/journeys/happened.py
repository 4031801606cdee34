"""What journeys may know of members: pushed by those who know it, in their transaction.

It is gathered and written in one statement just before COMMIT, and looked at by the clock: nobody
who acts waits for a journey.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from ground import clock
from ground.engine import execute
from ground.unit_of_work import before_commit
from notifications.wording.category import ByLanguage

# Somebody who is in the app all day is seen once.
HEAR: Final = """
INSERT INTO journey_fact AS f (member_id, fact, first_at, last_at, name, is_fresh)
SELECT h.member_id, h.fact, h.first_at, h.last_at, h.name, true
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::jsonb[])
    AS h (member_id, fact, first_at, last_at, name)
    JOIN preferences p ON p.member_id = h.member_id
ORDER BY h.member_id, h.fact
ON CONFLICT (member_id, fact) DO UPDATE SET
    first_at = least(f.first_at, excluded.first_at),
    last_at = greatest(f.last_at, excluded.last_at),
    name = CASE WHEN f.last_at < excluded.last_at THEN excluded.name ELSE f.name END,
    is_fresh = f.is_fresh OR f.last_at < excluded.last_at
WHERE f.first_at > excluded.first_at OR f.last_at < excluded.last_at
    - CASE WHEN f.fact = 'seen' THEN interval '12 hours' ELSE interval '0' END
"""

FORGET: Final = """
DELETE FROM journey_fact f USING unnest($1::uuid[], $2::text[]) AS h (member_id, fact)
WHERE f.member_id = h.member_id AND f.fact = h.fact
"""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """Something that holds for a member from a moment on, or doesn't any more."""

    member_id: UUID
    fact: str
    at: datetime
    name: ByLanguage | None = None
    is_over: bool = False


def happened(
    member_id: UUID, fact: str, *, at: datetime | None = None, name: ByLanguage | None = None
) -> None:
    """Let journeys know of something that happened to a member."""
    happening = Happening(member_id=member_id, fact=fact, at=at or clock.now(), name=name)
    before_commit(_hear).append(happening)


def is_over(member_id: UUID, fact: str) -> None:
    """Let journeys know that something doesn't hold for a member any more."""
    happening = Happening(member_id=member_id, fact=fact, at=clock.now(), is_over=True)
    before_commit(_hear).append(happening)


async def _hear(happenings: list[Happening]) -> None:
    """Write all that a transaction said, each fact once and the last word counting."""
    spans: dict[tuple[UUID, str], tuple[datetime, Happening]] = {}
    for each in happenings:
        key = (each.member_id, each.fact)
        first_at, last = spans.get(key, (each.at, each))
        latest = each if each.at >= last.at or each.is_over else last
        spans[key] = (min(first_at, each.at), latest)
    over = [key for key, (_, last) in spans.items() if last.is_over]
    if over:
        members, facts = zip(*sorted(over), strict=True)
        await execute(FORGET, list(members), list(facts))
    await _write({key: span for key, span in spans.items() if not span[1].is_over})


async def _write(spans: Mapping[tuple[UUID, str], tuple[datetime, Happening]]) -> None:
    if not spans:
        return
    lasts = [last for _, last in spans.values()]
    await execute(
        HEAR,
        [each.member_id for each in lasts],
        [each.fact for each in lasts],
        [first_at for first_at, _ in spans.values()],
        [each.at for each in lasts],
        [None if each.name is None else msgspec.json.encode(each.name).decode() for each in lasts],
    )
