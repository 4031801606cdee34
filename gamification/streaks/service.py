"""Active days, and the streaks that they make."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

import msgspec

from gamification.rules.facts import Fact
from gamification.streaks.streak import UNITS, Run, period_number, run_over
from ground.arrays import columns
from ground.engine import fetch


class Pace(msgspec.Struct, frozen=True):
    """A streak as it is kept: the run at its last active period, and the longest ever."""

    run: Run
    best: int


Paces = Mapping[str, Pace]
paces_from = msgspec.json.Decoder(dict[str, Pace])


def paces_of(days: Collection[date]) -> dict[str, Pace]:
    """The streaks of these active days, for days, weeks and months."""
    return {unit: Pace(*run_over(period_number(day, unit) for day in days)) for unit in UNITS}


async def mark_days(facts: Iterable[tuple[Fact, int]]) -> dict[UUID, list[date]]:
    """Note the days on which members acted. Return all days of whom a day came or went."""
    changes: dict[tuple[UUID, date], int] = defaultdict(int)
    for fact, sign in facts:
        if fact.active:
            changes[fact.member_id, fact.day] += sign
    if not changes:
        return {}
    ordered = sorted(changes)
    rows = await fetch(
        """
        INSERT INTO active_day (member_id, day, n)
        SELECT * FROM unnest($1::text::uuid[], $2::text::date[], $3::text::int[])
        ON CONFLICT (member_id, day) DO UPDATE SET n = active_day.n + excluded.n
        RETURNING member_id, day, n
        """,
        *columns((*place, changes[place]) for place in ordered),
    )
    changed = {
        member_id for member_id, day, n in rows if (n > 0) != (n - changes[member_id, day] > 0)
    }
    return await days_of(changed)


async def days_of(member_ids: Collection[UUID]) -> dict[UUID, list[date]]:
    """All active days of members."""
    if not member_ids:
        return {}
    rows = await fetch(
        """
        SELECT member_id, array_agg(day ORDER BY day) AS days FROM active_day
        WHERE member_id = ANY($1::uuid[]) AND n > 0 GROUP BY member_id
        """,
        list(member_ids),
    )
    return {key: [] for key in member_ids} | {row["member_id"]: row["days"] for row in rows}
