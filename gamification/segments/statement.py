"""A segment's criteria as SQL: reviewed pieces, put together by their logic. Pure.

Each measure that isn't a column is joined once, with one row a member at most, and so the planner
hashes it whatever the logic around it. Values are parameters throughout.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.prefixed import prefix_of
from gamification.segments.criteria import (
    Active,
    Belongs,
    Did,
    HasBadge,
    InAll,
    InAny,
    InNone,
    InTier,
    SegmentCriteria,
    Silent,
    Speaks,
    Tenure,
)
from ground import programme

# Whoever runs the programme, was only imported or left is in no segment.
FROM_MEMBERS: Final = """
FROM player p
LEFT JOIN standing s ON s.member_id = p.member_id
LEFT JOIN preferences pr ON pr.member_id = p.member_id
{joins}
WHERE p.state = 'active' AND NOT p.staff AND {only} AND {holds}
"""

JOIN: Final = "LEFT JOIN ({measured}) j{number} ON j{number}.member_id = p.member_id\n"
IN_JOIN: Final = "j{number}.member_id IS NOT NULL"

# Without grace that is over. A member reaches a tier once.
TIER: Final = """
SELECT h.member_id FROM tier_held h
WHERE h.tier = {slug}::text AND (h.lapses_at IS NULL OR h.lapses_at > {now}::timestamptz)
  AND {only}
"""

# One that is earned once, which needs no grouping, and one that can be earned again.
BADGE: Final = """
SELECT h.member_id FROM award h
WHERE h.badge = {slug}::text AND h.subject = '' AND h.season = '' AND h.taken_back_at IS NULL
  AND {only}
"""
REPEATED_BADGE: Final = """
SELECT h.member_id FROM award h
WHERE h.badge = {slug}::text AND h.taken_back_at IS NULL AND {only}
GROUP BY h.member_id
"""

# What was recorded before can't be of these days; the index on it is small, and read first.
# A reversal takes away what it reverses.
ACTIVITIES: Final = """
SELECT h.member_id FROM ledger_entry h
WHERE h.recorded_at >= {since}::timestamptz AND h.local_day > {day}::date
  AND (h.kind = {kind}::text OR ({kind}::text = '*' AND h.active)) AND {only}
GROUP BY h.member_id
HAVING count(*) FILTER (WHERE h.reverses IS NULL) - count(h.reverses) >= {n}::bigint
"""

ACTIVE: Final = "coalesce(s.last_active_day > {day}::date, false)"
JOINED_BY: Final = "p.joined_at <= {moment}::timestamptz"
JOINED_SINCE: Final = "p.joined_at >= {moment}::timestamptz"
SPEAKS: Final = "coalesce(pr.locale = ANY({languages}::text[]), false)"
BELONGS: Final = "p.population = ANY({populations}::text[])"
NOBODY: Final = "false"

# A day begins somewhere before it does here, and clocks of sources run a little ahead.
RECORDED_EARLIER: Final = timedelta(days=2)


class Members(NamedTuple):
    """`FROM ... WHERE ...`, of the players `p` who are in a segment, and its parameters."""

    sql: str
    values: list[Any]

    def with_value(self, value: Any) -> str:  # noqa: ANN401 - whatever a column holds
        """Another parameter, as the statement names it."""
        return _placeholder(self.values, value)


def members_who(
    criteria: SegmentCriteria,
    catalogue: Catalogue,
    now: datetime,
    only: Sequence[UUID] | None = None,
) -> Members:
    """Those who fit the criteria now, among everybody or only these."""
    writing = _Writing(catalogue, now, [], [], {}, None if only is None else list(only))
    holds = writing.term(criteria)
    sql = FROM_MEMBERS.format(joins="".join(writing.joins), only=writing.only("p"), holds=holds)
    return Members(sql, writing.values)


def _placeholder(values: list[Any], value: Any) -> str:  # noqa: ANN401
    values.append(value)
    return f"${len(values)}"


class _Writing(NamedTuple):
    catalogue: Catalogue
    now: datetime
    values: list[Any]
    joins: list[str]
    # The number of the join that says who is in a tier or has a badge.
    joined: dict[tuple[str, str], int]
    member_ids: list[UUID] | None

    def value(self, value: Any) -> str:  # noqa: ANN401
        return _placeholder(self.values, value)

    def only(self, table: str) -> str:
        if self.member_ids is None:
            return "true"
        return f"{table}.member_id = ANY({self.value(self.member_ids)}::uuid[])"

    def term(self, term: SegmentCriteria) -> str:  # noqa: PLR0911 - one case a term
        match term:
            case InAll(of=of):
                return self._joined(" AND ", of)
            case InAny(of=of):
                return self._joined(" OR ", of)
            case InNone(of=of):
                return f"NOT {self._joined(' OR ', of)}"
            case InTier():
                return self._tiers(term)
            case HasBadge(one_of=badges):
                return self._either(self._badge(slug) for slug in badges)
            case Did():
                return self._did(term)
            case _:
                return self._of_columns(term)

    def _of_columns(self, term: Active | Silent | Tenure | Speaks | Belongs) -> str:
        match term:
            case Active(within_days=days):
                return ACTIVE.format(day=self.value(self._days_ago(days)))
            case Silent(for_days=days):
                active = ACTIVE.format(day=self.value(self._days_ago(days)))
                return f"(NOT {active} AND {self._joined_by(days)})"
            case Tenure():
                return self._tenure(term)
            case Speaks(one_of=languages):
                return SPEAKS.format(languages=self.value([each.value for each in languages]))
            case Belongs(one_of=populations):
                return BELONGS.format(populations=self.value([each.value for each in populations]))

    def _joined(self, word: str, terms: Iterable[SegmentCriteria]) -> str:
        return f"({word.join(self.term(term) for term in terms)})"

    def _either(self, conditions: Iterable[str]) -> str:
        return f"({' OR '.join(conditions) or NOBODY})"

    def _measured(self, measured: str, **given: str) -> int:
        """Join who fits a measure. Return the number of the join."""
        sql = measured.format(only=self.only("h"), **given)
        self.joins.append(JOIN.format(measured=sql, number=len(self.joins)))
        return len(self.joins) - 1

    def _tier(self, slug: str) -> str:
        number = self.joined.get(("tier", slug))
        if number is None:
            number = self._measured(TIER, slug=self.value(slug), now=self.value(self.now))
            self.joined["tier", slug] = number
        return IN_JOIN.format(number=number)

    def _badge(self, slug: str) -> str:
        number = self.joined.get(("badge", slug))
        if number is None:
            once = any(
                each.slug == slug and each.earned == "once" for each in self.catalogue.badges
            )
            number = self._measured(BADGE if once else REPEATED_BADGE, slug=self.value(slug))
            self.joined["badge", slug] = number
        return IN_JOIN.format(number=number)

    def _tiers(self, term: InTier) -> str:
        """The highest tier of a ladder is the one that a member is in."""
        if term.at_least is not None:
            return self._either(map(self._tier, _from(term.at_least, self._ladder(term.at_least))))
        return self._either(map(self._highest, term.one_of or []))

    def _highest(self, slug: str) -> str:
        """In this tier, and in none above it."""
        upwards = _from(slug, self._ladder(slug))
        if not upwards:
            return NOBODY
        higher = self._either(map(self._tier, upwards[1:]))
        return f"({self._tier(slug)} AND NOT {higher})"

    def _ladder(self, slug: str) -> list[str]:
        """The tiers beside this one, the lowest first. An imported catalogue has its own."""
        prefix = prefix_of(slug)
        return [tier.slug for tier in self.catalogue.tiers if prefix_of(tier.slug) == prefix]

    def _did(self, term: Did) -> str:
        day = self._days_ago(term.within_days)
        begins = datetime.combine(day, time.min, self.now.tzinfo)
        number = self._measured(
            ACTIVITIES,
            since=self.value(begins - RECORDED_EARLIER),
            day=self.value(day),
            kind=self.value(term.kind),
            n=self.value(term.at_least),
        )
        return IN_JOIN.format(number=number)

    def _tenure(self, term: Tenure) -> str:
        found = []
        if term.at_least_days is not None:
            found.append(self._joined_by(term.at_least_days))
        if term.at_most_days is not None:
            moment = self.now - timedelta(days=term.at_most_days)
            found.append(JOINED_SINCE.format(moment=self.value(moment)))
        return f"({' AND '.join(found)})"

    def _joined_by(self, days: int) -> str:
        return JOINED_BY.format(moment=self.value(self.now - timedelta(days=days)))

    def _days_ago(self, days: int) -> date:
        return self.now.astimezone(programme.zone()).date() - timedelta(days=days)


def _from(slug: str, ladder: Sequence[str]) -> list[str]:
    """This tier and those above it; none if it isn't in force."""
    return list(ladder[ladder.index(slug) :]) if slug in ladder else []
