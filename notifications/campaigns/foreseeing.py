"""Who would get a campaign now, and who wouldn't or only later, and why: one statement."""

from collections import Counter
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from ground import clock
from ground.long_reads import fetch_long
from ground.programme import zone_named
from notifications.attention.budget import FIRST_WAIT, MOST_DOUBLINGS
from notifications.attention.plan import Why
from notifications.attention.quiet import decent_from
from notifications.attention.standing import ceiling
from notifications.campaigns.definition import Campaign

# The first reason that holds, in the order in which sending looks at them. Whose hours are quiet
# is worked out from the few wishes that there are. `{members}` is `FROM player p ... WHERE ...`.
FORESEE: Final = """
WITH audience AS (SELECT p.member_id {members}), device_of AS (
    SELECT DISTINCT member_id FROM device WHERE set_aside_at IS NULL
), spent AS (
    SELECT member_id, count(*) AS asks FROM attention_spend WHERE {asks} AND at > {since}
    GROUP BY member_id
), known AS (
    SELECT w.member_id IS NULL OR w.expected AS is_gone,
        coalesce(w.choices -> {category} ->> 'push' = 'false', false) AS no_push,
        coalesce(w.choices -> {category} ->> 'inbox' = 'false', false) AS no_inbox,
        w.paused_until, a.rest_until, least(w.asks, {most}) AS most, coalesce(s.asks, 0) AS spent,
        r.last_no_at + {first} * power(2, least(r.noes - 1, {doublings})) AS no_until,
        d.member_id IS NOT NULL AS has_device,
        w.time_zone, w.quiet_from, w.quiet_until, w.quiet_days
    FROM audience t LEFT JOIN preferences w ON w.member_id = t.member_id
    LEFT JOIN device_of d ON d.member_id = t.member_id
    LEFT JOIN attention a ON {asks} AND a.member_id = t.member_id
    LEFT JOIN attention_refusal r
        ON {asks} AND r.member_id = t.member_id AND r.kind = {category} AND r.noes > 0
    LEFT JOIN spent s ON s.member_id = t.member_id
), reasons AS (
    SELECT k.*, CASE
        WHEN is_gone THEN 'gone'
        WHEN no_push AND (NOT {asks} OR no_inbox) THEN 'switched_off'
        WHEN paused_until > {now} THEN 'paused'
        WHEN {asks} AND rest_until > {now} THEN 'resting'
        WHEN {asks} AND no_until > {now} THEN 'said_no'
        WHEN {asks} AND most <= 0 THEN 'no_asking'
        WHEN {asks} AND spent >= most THEN 'budget'
    END AS why FROM known k
)
SELECT why, has_device AND NOT no_push AS has_phone,
    CASE WHEN why IS NULL THEN time_zone END AS zone,
    CASE WHEN why IS NULL THEN quiet_from END AS quiet_from,
    CASE WHEN why IS NULL THEN quiet_until END AS quiet_until,
    CASE WHEN why IS NULL THEN quiet_days END AS quiet_days, count(*) AS members
FROM reasons GROUP BY 1, 2, 3, 4, 5, 6
"""


class Members(NamedTuple):
    """`FROM player p ... WHERE ...`, and its parameters."""

    sql: str
    values: list[Any]


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """How many it is for, how many of them it reaches at once and where, and why not the others."""

    members: int
    on_a_phone: int
    in_the_inbox: int
    reasons: dict[Why, int]


async def foresee(campaign: Campaign, members: Members, at: datetime | None = None) -> Foreseen:
    """What would become of it if it went out at a moment."""
    now = max(at or clock.now(), clock.now())
    limit = await ceiling()
    values = list(members.values)

    def value(given: Any, kind: str) -> str:  # noqa: ANN401 - whatever a column holds
        values.append(given)
        return f"${len(values)}::{kind}"

    statement = FORESEE.format(
        members=members.sql,
        category=value(campaign.category, "text"),
        asks=value(campaign.asks, "bool"),
        now=value(now, "timestamptz"),
        since=value(now - limit.window, "timestamptz"),
        most=value(limit.asks, "int"),
        first=value(FIRST_WAIT, "interval"),
        doublings=value(MOST_DOUBLINGS, "int"),
    )
    return _counted(campaign, await fetch_long(statement, *values), now)


def _counted(campaign: Campaign, rows: list[Any], now: datetime) -> Foreseen:
    reasons: Counter[Why] = Counter()
    members = phones = inboxes = 0
    for row in rows:
        number = row["members"]
        members += number
        why = _why(row, now)
        if why is None or (not campaign.asks and why is not Why.GONE) or why is Why.NO_DEVICE:
            inboxes += number
        if why is None:
            phones += number
        else:
            reasons[why] += number
    return Foreseen(members=members, on_a_phone=phones, in_the_inbox=inboxes, reasons=dict(reasons))


def _why(row: Any, now: datetime) -> Why | None:  # noqa: ANN401 - a record
    if row["why"] is not None:
        return Why(row["why"])
    hours, days = (row["quiet_from"], row["quiet_until"]), frozenset(row["quiet_days"])
    if decent_from(now, zone_named(row["zone"]), hours, days) != now:
        return Why.QUIET
    return None if row["has_phone"] else Why.NO_DEVICE
