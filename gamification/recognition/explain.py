"""How far a member is on the way to a badge or a tier, read for one person."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.rule import Rule
from gamification.recognition.held import Held
from gamification.recognition.histories import Histories
from gamification.recognition.known import Known
from gamification.rules.criteria import (
    Age,
    ByHand,
    Criteria,
    First,
    Holds,
    Points,
    StreakOf,
    Sum,
    walk,
)
from gamification.rules.facts import History, live
from gamification.rules.flows import measured_terms
from gamification.rules.progress import Need, progress
from gamification.rules.timeline import Course, timeline
from gamification.rules.verdict import points_course
from gamification.seasons.season import latest_day
from gamification.standings.keep import standings_of
from ground.engine import fetchrow

Say = Callable[[Criteria], str]
# What depends on awards, on when somebody joined, and on others.
NOT_COUNTED: Final = (Age, ByHand, First, Holds)


async def need_of(
    catalogue: Catalogue, rule: Rule, member_id: UUID, now: datetime, say: Say
) -> Need:
    """What the rule asks for, and how much of it the member has.

    Where it is about a subject, on the one that is furthest on; of a badge of seasons, in the
    current one.
    """
    deciding = catalogue.rule_on(rule, latest_day(now))
    if deciding is None:
        # No season has begun yet, so nobody has anything of it.
        return progress(rule.spans[-1].criteria, lambda _: 0, lambda _: False, say)
    way = _Way(catalogue, deciding, member_id, now)
    await way.look()
    return progress(deciding.spans[-1].criteria, way.amount, way.truth, say)


class _Way:
    def __init__(self, catalogue: Catalogue, rule: Rule, member_id: UUID, now: datetime) -> None:
        self.catalogue = catalogue
        self.rule = rule
        self.member_id = member_id
        self.now = now
        self.subject = ""
        self.known = Known({}, {})
        self.histories = Histories(self.known, {})

    async def look(self) -> None:
        """Read totals, standing and awards; the ledger only for what totals can't tell."""
        rule, member = self.rule, self.member_id
        terms = list(measured_terms(rule.spans[-1].criteria))
        flows = [self.catalogue.flow_of_term[id(term)] for term in terms]
        self.subject = await self._furthest(
            [
                (flow.number, isinstance(term, Sum))
                for term, flow in zip(terms, flows, strict=True)
                if flow.per_subject
            ]
        )
        self.known.standings = await standings_of([member])
        for term in terms:
            self._amount_at(term)
        await self.known.look_up()
        for term in terms:
            self._amount_at(term)
        await self.known.look_up()
        self.known.badges[member], self.known.tiers[member] = {}, {}
        if any(isinstance(term, NOT_COUNTED) for _, term in walk(rule.spans[-1].criteria)):
            await self._look_at_what_is_not_counted()
        if any(isinstance(term, Points) for term in terms) or (
            self.subject and (rule.firsts or rule.looks_at_origins)
        ):
            await self.histories.read([(rule, member, self.subject)], self._openers())

    async def _look_at_what_is_not_counted(self) -> None:
        held, member = Held(), self.member_id
        await held.read([member], [self.rule], [self.subject])
        self.known.badges[member], self.known.tiers[member] = held.since(member)
        joined = await fetchrow("SELECT joined_at FROM player WHERE member_id = $1", member)
        self.histories.joined_at = {} if joined is None else {member: joined["joined_at"]}

    async def _furthest(self, flows: list[tuple[int, bool]]) -> str:
        """The subject with the most in these flows, each with whether quantities add up in it."""
        if not flows:
            return ""
        row = await fetchrow(
            """
            SELECT t.subject FROM tally t
            JOIN unnest($2::int[], $3::bool[]) AS w (flow, adds) ON t.flow = w.flow
            WHERE t.member_id = $1 GROUP BY t.subject
            ORDER BY sum(CASE WHEN w.adds THEN t.total ELSE t.n END) DESC, t.subject LIMIT 1
            """,
            self.member_id,
            [number for number, _ in flows],
            [adds for _, adds in flows],
        )
        return "" if row is None else str(row["subject"])

    def _openers(self) -> frozenset[str]:
        return frozenset(
            kind for kind in self.catalogue.kinds if self.catalogue.opens_subject(kind)
        )

    def _amount_at(self, term: Criteria) -> int:
        flow = self.catalogue.flow_of_term[id(term)]
        subject = self.subject if flow.per_subject else ""
        within = getattr(term, "within_days", None)
        if within is not None:
            rises = isinstance(term, Sum)
            return self.known.peak(self.member_id, flow, subject, within, rises=rises) or 0
        n, total, _ = self.known.amount(self.member_id, flow, subject) or (0, 0, 0)
        return total if isinstance(term, Sum) else n

    def amount(self, term: Criteria) -> int:
        stood = self.known.standings[self.member_id]
        match term:
            case Points(season=season) if season is not None:
                return self._points_in(season)
            case Points():
                return stood.points
            case StreakOf(unit=unit):
                return stood.paces[unit].best if unit in stood.paces else 0
            case Age():
                joined_at = self.histories.joined_at.get(self.member_id, self.now)
                return max(0, (self.now - joined_at).days)
            case _:
                return self._amount_at(term)

    def _points_in(self, season: str) -> int:
        history = self._history()
        standing = live(history.facts)
        totals = [total for _, total in self._course()(standing, history.seasons[season])]
        return totals[-1] if totals else 0

    def truth(self, term: Criteria) -> bool:
        found = timeline(term, self._history(), self.subject, self._course())
        return len([at for at in found if at <= self.now]) % 2 == 1

    def _history(self) -> History:
        return self.histories.of(self.rule, self.member_id, self.subject, self._openers())

    def _course(self) -> Course:
        kinds = self.catalogue.kinds
        return points_course(lambda kind, day: kinds[kind].terms_on(day))
