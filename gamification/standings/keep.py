"""Keeping standings: points and streaks follow what was credited, in one statement."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

import msgspec

from gamification.rules.facts import Fact
from gamification.streaks.service import Paces, paces_from, paces_of
from ground.engine import fetch

Gains = Mapping[UUID, int]


class Stood(msgspec.Struct, frozen=True):
    """A member's standing after a change."""

    points: int
    paces: Paces


async def keep(
    facts: Iterable[tuple[Fact, int]], gains: Gains, days: Mapping[UUID, list[date]]
) -> dict[UUID, Stood]:
    """Add points and entries, set streaks where active days changed. Return the standings."""
    entries: dict[UUID, int] = defaultdict(int)
    for fact, sign in facts:
        entries[fact.member_id] += sign
    members = sorted(entries)
    if not members:
        return {}
    streaks = [
        msgspec.json.encode(paces_of(days[member])).decode() if member in days else None
        for member in members
    ]
    rows = await fetch(
        """
        INSERT INTO standing AS s (member_id, points, entries, last_active_day, streaks)
        SELECT m, p, e, d, coalesce(k, '{}') FROM unnest($1::uuid[], $2::bigint[], $3::bigint[],
            $4::date[], $5::jsonb[]) AS t (m, p, e, d, k)
        ON CONFLICT (member_id) DO UPDATE
        SET points = s.points + excluded.points, entries = s.entries + excluded.entries,
            last_active_day = CASE WHEN excluded.streaks = '{}' THEN s.last_active_day
                ELSE excluded.last_active_day END,
            streaks = CASE WHEN excluded.streaks = '{}' THEN s.streaks ELSE excluded.streaks END
        RETURNING member_id, points, streaks
        """,
        members,
        [gains.get(member, 0) for member in members],
        [entries[member] for member in members],
        [max(days[member], default=None) if member in days else None for member in members],
        streaks,
    )
    return {
        row["member_id"]: Stood(row["points"], paces_from.decode(row["streaks"])) for row in rows
    }


async def standings_of(member_ids: Collection[UUID]) -> dict[UUID, Stood]:
    """The standings of members. Who did nothing yet has none of anything."""
    nothing = Stood(0, {})
    rows = await fetch(
        "SELECT member_id, points, streaks FROM standing WHERE member_id = ANY($1::uuid[])",
        list(member_ids),
    )
    found = {row[0]: Stood(row[1], paces_from.decode(row[2])) for row in rows}
    return {member_id: found.get(member_id, nothing) for member_id in member_ids}
