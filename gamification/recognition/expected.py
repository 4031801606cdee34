"""What must follow from the ledger alone, computed anew: the truth that the tables are held to.

It shares the pure functions with crediting and nothing else: no tally, no standing and no
award is read.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gamification.by_hand.rulings import HandRuling, rulings_of
from gamification.by_hand.rulings import Place as HandPlace
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.rule import Node, Rule
from gamification.ledger import journal
from gamification.ledger.worth import Day, Part
from gamification.recognition.held import held_place
from gamification.recognition.histories import Histories, Place
from gamification.recognition.known import Known, earliest
from gamification.recognition.tallies import Changes
from gamification.rules.facts import Fact, as_known_at, live
from gamification.rules.verdict import Verdict, badge_verdict, points_course, tier_verdict
from gamification.streaks.service import paces_of

# Table, then the key of a row, then its values.
Rows = dict[str, dict[tuple[Any, ...], tuple[Any, ...]]]


class Expectation:
    """What the tables should hold for some members."""

    def __init__(
        self,
        catalogue: Catalogue,
        joined_at: Mapping[UUID, datetime],
        closed: Mapping[str, datetime],
        now: datetime,
        as_of: datetime | None = None,
    ) -> None:
        self.as_of = as_of
        self.catalogue = catalogue
        self.joined_at = joined_at
        self.closed = closed
        self.now = now
        self.rows: Rows = defaultdict(dict)
        self.known = Known({}, {})
        self.by_hand: Mapping[HandPlace, HandRuling] = {}
        self.course = points_course(lambda kind, day: catalogue.kinds[kind].terms_on(day))
        self.openers = frozenset(kind for kind in catalogue.kinds if catalogue.opens_subject(kind))

    async def work_out(self) -> Rows:
        """Read the members' ledger and work everything out."""
        by_member = await self.amounts()
        self.by_hand = await rulings_of(self.joined_at, self.as_of)
        for layer in self.catalogue.layers:
            await self._layer(layer, by_member)
        return self.rows

    async def of_rules(self, nodes: Container[Node], known: Known) -> Rows:
        """Work out what these badges and tiers alone come to, knowing what else is held."""
        self.known = known
        by_member = await self._facts()
        self.by_hand = await rulings_of(self.joined_at, self.as_of)
        for layer in self.catalogue.layers:
            await self._layer([rule for rule in layer if rule.node in nodes], by_member)
        return self.rows

    async def amounts(self) -> Mapping[UUID, list[Fact]]:
        """Work out all but awards. Return the members' facts."""
        by_member = await self._facts()
        for member_id, theirs in by_member.items():
            if standing := live(theirs):
                self._standing(member_id, standing)
            self._boards(member_id, theirs)
        self._tallies(live(fact for theirs in by_member.values() for fact in theirs))
        return by_member

    async def _facts(self) -> Mapping[UUID, list[Fact]]:
        facts = as_known_at(await journal.of_members(self.joined_at), self.as_of)
        by_member: dict[UUID, list[Fact]] = defaultdict(list)
        for fact in facts:
            by_member[fact.member_id].append(fact)
        return by_member

    def _standing(self, member_id: UUID, facts: Sequence[Fact]) -> None:
        days = sorted({fact.day for fact in facts if fact.active})
        points = sum(self._shares(facts).values())
        streaks = msgspec.to_builtins(paces_of(days)) if days else None
        last = days[-1] if days else None
        self.rows["standing"][member_id,] = (points, len(facts), last, streaks)
        active: dict[Any, int] = defaultdict(int)
        for fact in facts:
            if fact.active:
                active[fact.day] += 1
        for day, n in active.items():
            self.rows["active_day"][member_id, day] = (n,)

    def _days(self, facts: Iterable[Fact]) -> dict[tuple[str, Any], Day]:
        days: dict[tuple[str, Any], Day] = {}
        for fact in facts:
            terms = self.catalogue.kinds[fact.kind].terms_on(fact.day)
            if fact.worth:
                day = days.setdefault((fact.kind, fact.day), Day(terms))
                day.add(Part(fact.programme_day, fact.bucket), fact.worth)
        return days

    def _shares(self, facts: Iterable[Fact]) -> dict[tuple[str, Any], int]:
        """Points by kind and day of the programme."""
        shares: dict[tuple[str, Any], int] = defaultdict(int)
        for (kind, _), day in self._days(facts).items():
            for programme_day, points in day.by_programme_day().items():
                shares[kind, programme_day] += points
        return shares

    def _boards(self, member_id: UUID, facts: Sequence[Fact]) -> None:
        """Points by scope and period. A closed period counts what was known when it closed."""
        points: dict[tuple[str, str], int] = defaultdict(int)
        places = self.catalogue.places_on_boards
        where = {place for fact in facts for place in places(fact.kind, fact.programme_day)}
        for at in {self.closed.get(period) for _, period in where}:
            for (kind, day), share in self._shares(live(as_known_at(facts, at))).items():
                for scope, period in places(kind, day):
                    if self.closed.get(period) == at:
                        points[scope, period] += share
        for (scope, period), total in points.items():
            if total:
                self.rows["board_points"][scope, period, member_id] = (total,)

    def _tallies(self, facts: Iterable[Fact]) -> None:
        changes = Changes()
        for fact in facts:
            changes.add(self.catalogue, fact, 1)
            terms = self.catalogue.kinds[fact.kind].terms_on(fact.day)
            if fact.worth and not terms.simple:
                self._day_part(fact, Day(terms))
        for (member_id, flow, subject, value), n in changes.values.items():
            changes.amounts[member_id, flow, subject][0] += 1
            self.rows["value_in_flow"][member_id, flow, subject, value] = (n,)
        for place, amount in changes.amounts.items():
            self.rows["tally"][place] = tuple(amount)
        for day_place, amount in changes.days.items():
            self.rows["day_in_flow"][day_place] = tuple(amount)

    def _day_part(self, fact: Fact, day: Day) -> None:
        part = Part(fact.programme_day, fact.bucket)
        key = (fact.member_id, fact.kind, fact.day, *part)
        before = self.rows["day_tally"].get(key)
        if before is not None:
            day.parts[part] = before[0]
        day.add(part, fact.worth)
        self.rows["day_tally"][key] = (day.parts[part],)

    async def _layer(self, layer: Iterable[Rule], by_member: Mapping[UUID, list[Fact]]) -> None:
        places = [
            (rule, member_id, subject)
            for rule in layer
            for member_id in self.joined_at
            for subject in _subjects(rule, by_member.get(member_id, ()))
            if rule.node[0] == "tier" or held_place(rule, member_id, subject) not in self.by_hand
        ]
        histories = Histories(self.known, self.joined_at, self.as_of)
        await histories.read(places, self.openers)
        best: dict[Place, tuple[Verdict, str]] = {}
        for rule, member_id, subject in places:
            history = histories.of(rule, member_id, subject, self.openers)
            if rule.node[0] == "tier":
                verdict = tier_verdict(rule, history, self.now, self.course)
            else:
                verdict = badge_verdict(rule, history, subject, self.now, self.course)
            if verdict is None:
                continue
            place = (rule, member_id, "" if rule.once else subject)
            rival = best.get(place)
            if rival is None or (verdict.at, subject) < (rival[0].at, rival[1]):
                best[place] = (verdict, subject)
        for (rule, member_id, subject), (verdict, through) in best.items():
            self._hold(rule, member_id, subject, verdict, through if rule.once else "")
        self._rule_by_hand({rule.slug for rule in layer if rule.node[0] == "badge"})

    def _rule_by_hand(self, badges: Container[str]) -> None:
        """What staff gave and took, whatever criteria say."""
        for ruling in self.by_hand.values():
            if ruling.badge in badges:
                self.rows["award"][ruling.place] = ruling.row
                if ruling.gives:
                    self._know("badge", ruling.member_id, ruling.badge, ruling.at)

    def _hold(
        self, rule: Rule, member_id: UUID, subject: str, verdict: Verdict, through: str
    ) -> None:
        what, slug = rule.node
        if what == "badge":
            self.rows["award"][member_id, slug, subject, rule.season] = (
                verdict.at,
                verdict.version,
                through,
                list(verdict.entries),
                None,
                None,
            )
        else:
            self.rows["tier_held"][member_id, slug] = (
                verdict.at,
                verdict.lapses_at,
                verdict.version,
                list(verdict.entries),
                verdict.spared,
            )
        self._know(what, member_id, slug, verdict.at)

    def _know(self, what: str, member_id: UUID, slug: str, at: datetime) -> None:
        held = self.known.badges if what == "badge" else self.known.tiers
        held[member_id] = earliest([*held[member_id].items(), (slug, at)])


def _subjects(rule: Rule, facts: Iterable[Fact]) -> set[str]:
    if not rule.about_subjects:
        return {""}
    return {fact.subject for fact in facts if fact.subject}
