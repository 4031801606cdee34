"""A challenge against the past: when it would have been reached, had it run before."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta

from gamification.catalogue.service import current
from gamification.challenges.definition import ChallengeDefinition
from gamification.challenges.errors import ChallengeInvalid
from gamification.challenges.validation import faults, in_zone
from gamification.rules.criteria import ANY_KIND, Distinct, Sum
from ground import clock, programme
from ground.long_reads import fetch_long

# What one in ten gave of all tells whether few carry it.
A_TENTH: Final = 10

# Of each member and day what was done, then capped. `distinct` counts a value on its first day.
_DAYS: Final = """
WITH did AS (
    SELECT e.member_id, e.local_day, e.quantity,
        CASE $4::text WHEN 'subject' THEN nullif(e.subject, '') WHEN 'day' THEN e.local_day::text
            ELSE e.fields -> $4 #>> '{}' END AS value
    FROM ledger_entry e JOIN player p ON p.member_id = e.member_id AND p.state = 'active'
    WHERE ($1::text = '*' OR e.kind = $1) AND e.occurred_at >= $2 AND e.occurred_at < $3
        AND e.recorded_at >= $2 AND e.reverses IS NULL
        AND NOT EXISTS (SELECT FROM ledger_entry r WHERE r.reverses = e.id)
        AND NOT EXISTS (
            SELECT FROM jsonb_each($7::jsonb) w (name, wanted)
            WHERE NOT coalesce(CASE jsonb_typeof(w.wanted)
                WHEN 'array' THEN w.wanted @> (e.fields -> w.name)
                ELSE w.wanted = e.fields -> w.name END, false))
), days AS (
    SELECT member_id, local_day, CASE WHEN $5::bool THEN sum(quantity) ELSE count(*) END AS done
    FROM did WHERE $4::text IS NULL GROUP BY member_id, local_day
    UNION ALL
    SELECT member_id, first_day, count(*) FROM (
        SELECT member_id, min(local_day) AS first_day FROM did
        WHERE $4::text IS NOT NULL AND value IS NOT NULL GROUP BY member_id, value
    ) f GROUP BY member_id, first_day
)
SELECT member_id, local_day AS day, greatest(0, least($6::bigint, done))::bigint AS counted
FROM days
"""

_SUMS: Final = f"""
WITH given AS ({_DAYS}), each_day AS (
    SELECT day, sum(counted)::bigint AS counted FROM given GROUP BY day
), each_member AS (
    SELECT sum(counted)::bigint AS counted, row_number() OVER (ORDER BY sum(counted) DESC) AS nth
    FROM given GROUP BY member_id HAVING sum(counted) > 0
)
SELECT (SELECT coalesce(jsonb_object_agg(day, counted), '{{}}') FROM each_day) AS days,
    (SELECT count(*) FROM each_member) AS helpers,
    (SELECT coalesce(sum(counted), 0)::bigint FROM each_member
        WHERE nth <= (SELECT greatest(1, count(*) / $8::int) FROM each_member)) AS by_few
"""  # noqa: S608 - put together from the constants of this module


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What would have come of a challenge in the days before, as long as it is to last.

    `reached_on_day` counts from 1; `None` when the goal would have been missed.
    """

    from_day: date
    days: int
    done: int
    percent: int
    helpers: int
    reached_on_day: int | None
    stretch_on_day: int | None
    by_few_percent: Annotated[
        int, Meta(description="What the most helpful tenth gave of it: whether few carry it.")
    ]
    by_day: tuple[int, ...]


class Past(NamedTuple):
    """What members did on their days, how many they were, and how much of it by a tenth."""

    by_day: Mapping[date, int]
    helpers: int
    by_few: int


async def foresee(definition: ChallengeDefinition) -> Foreseen:
    """Hold a challenge against the activity of as many days before now as it is to last.

    It takes everybody's acts, as if everybody had joined and all were one team.
    `ChallengeInvalid`.
    """
    zone, now = programme.zone(), clock.now()
    wanted = in_zone(definition, zone)
    wrong = list(faults(wanted, await current(), now))
    if wrong:
        raise ChallengeInvalid.with_faults(wrong)
    days = max(1, -(-(wanted.ends_at - wanted.starts_at) // timedelta(days=1)))
    today = now.astimezone(zone).date()
    first = today - timedelta(days=days)
    since = datetime.combine(first, time.min, tzinfo=zone)
    until = datetime.combine(today, time.min, tzinfo=zone)
    [row] = await fetch_long(_SUMS, *_values(wanted, since, until))
    by_day = msgspec.json.decode(row["days"], type=dict[date, int])
    return foreseen(wanted, first, days, Past(by_day, row["helpers"], row["by_few"]))


def foreseen(definition: ChallengeDefinition, first: date, days: int, past: Past) -> Foreseen:
    """What would have come of it. Pure."""
    by_day = [past.by_day.get(first + timedelta(days=n), 0) for n in range(days)]
    total = sum(by_day)
    return Foreseen(
        from_day=first,
        days=days,
        done=total,
        percent=total * 100 // definition.goal,
        helpers=past.helpers,
        reached_on_day=_day_of(definition.goal, by_day),
        stretch_on_day=definition.stretch_goal and _day_of(definition.stretch_goal, by_day),
        by_few_percent=past.by_few * 100 // total if total else 0,
        by_day=tuple(by_day),
    )


def _day_of(goal: int, by_day: Sequence[int]) -> int | None:
    reached = 0
    for number, done in enumerate(by_day, 1):
        reached += done
        if reached >= goal:
            return number
    return None


def _values(definition: ChallengeDefinition, since: datetime, until: datetime) -> list[Any]:
    term = definition.counts
    return [
        ANY_KIND if term.kind == ANY_KIND else term.kind,
        since,
        until,
        term.of if isinstance(term, Distinct) else None,
        isinstance(term, Sum),
        definition.daily_cap,
        msgspec.json.encode(term.where).decode(),
        A_TENTH,
    ]
