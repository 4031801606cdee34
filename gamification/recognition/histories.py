"""Reading the histories that rules need, with a constant number of statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from gamification.catalogue.rule import Rule
from gamification.ledger import journal
from gamification.recognition.known import Known
from gamification.rules.criteria import ANY_KIND, Count, Distinct, First, Points, StreakOf, Sum
from gamification.rules.facts import Fact, History, as_known_at, in_order, live

Place = tuple[Rule, UUID, str]


class Wanted:
    """What has to be read for some rules, members and subjects."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.members: set[UUID] = set()
        self.kinds: set[tuple[UUID, str]] = set()
        self.subjects: set[str] = set()
        self.with_parents: set[str] = set()
        for rule, member_id, subject in places:
            self._add(rule, member_id, subject)

    def _add(self, rule: Rule, member_id: UUID, subject: str) -> None:
        if rule.about_subjects:
            self.subjects.add(subject)
        if rule.firsts or rule.looks_at_parents:
            self.with_parents.add(subject)
        for kind in member_kinds(rule):
            if kind == ANY_KIND:
                self.members.add(member_id)
            else:
                self.kinds.add((member_id, kind))


def member_kinds(rule: Rule) -> frozenset[str]:
    """The kinds that a rule looks at whatever their subject."""
    kinds: set[str] = set()
    for term in rule.terms:
        match term:
            case Count() | Sum() | Distinct() if not term.per_subject:
                kinds.add(term.kind)
            case Points() | StreakOf():
                kinds.add(ANY_KIND)
            case First() | _:
                pass
    return frozenset(kinds)


class Histories:
    """Facts as they were read, handed out as the history that one decision is about."""

    def __init__(
        self, known: Known, joined_at: Mapping[UUID, datetime], as_of: datetime | None = None
    ) -> None:
        self.known = known
        self.as_of = as_of
        self.joined_at = joined_at
        self.of_member: dict[UUID, dict[int, Fact]] = defaultdict(dict)
        self.on_subject: dict[str, dict[int, Fact]] = defaultdict(dict)
        self.below: dict[str, dict[int, Fact]] = defaultdict(dict)
        self._sorted: dict[UUID, tuple[Fact, ...]] = {}

    async def read(self, places: Collection[Place], openers: frozenset[str]) -> None:
        """Read what these places need, beside what was read before."""
        wanted = Wanted(places)
        self._sorted = {}
        self._keep(await journal.of_members(wanted.members))
        self._keep(await journal.of_kinds(wanted.kinds))
        own = await journal.on_subjects(wanted.subjects)
        self._keep(own)
        self._keep_subjects(own)
        parents = {
            fact.parent
            for fact in own
            if fact.parent and fact.subject in wanted.with_parents and fact.kind in openers
        }
        siblings = await journal.below_parents(parents)
        for fact in as_known_at(siblings, self.as_of):
            self.below[fact.parent][fact.id] = fact
        around = parents | {fact.subject for fact in siblings}
        self._keep_subjects(await journal.on_subjects(around - self.on_subject.keys()))

    def _keep(self, facts: Iterable[Fact]) -> None:
        for fact in as_known_at(facts, self.as_of):
            self.of_member[fact.member_id][fact.id] = fact

    def _keep_subjects(self, facts: Iterable[Fact]) -> None:
        for fact in as_known_at(facts, self.as_of):
            self.on_subject[fact.subject][fact.id] = fact

    def of(self, rule: Rule, member_id: UUID, subject: str, openers: frozenset[str]) -> History:
        """The history that decides about a rule for a member, on a subject."""
        on_it = self.on_subject.get(subject, {}) if subject else {}
        if rule.about_subjects and not member_kinds(rule):
            facts = tuple(
                sorted((f for f in on_it.values() if f.member_id == member_id), key=in_order)
            )
        else:
            facts = self._all_of(member_id)
        opened = _openers(on_it, openers, member_id)
        history = History(
            joined_at=self.joined_at.get(member_id),
            facts=facts,
            badges=self.known.badges[member_id],
            tiers=self.known.tiers[member_id],
            origins={subject: opened} if opened else {},
            seasons=rule.seasons,
        )
        if not (rule.firsts or rule.looks_at_parents):
            return history
        return self._with_neighbours(history, subject, opened, openers)

    def _with_neighbours(
        self, history: History, subject: str, opened: tuple[Fact, ...], openers: frozenset[str]
    ) -> History:
        parents = {fact.parent for fact in opened if fact.parent}
        siblings = {parent: _openers(self.below.get(parent, {}), openers) for parent in parents}
        above = {parent: _openers(self.on_subject.get(parent, {}), openers) for parent in parents}
        beside = {fact.subject for facts in siblings.values() for fact in facts}
        return History(
            joined_at=history.joined_at,
            facts=history.facts,
            badges=history.badges,
            tiers=history.tiers,
            origins={**history.origins, **{each: facts for each, facts in above.items() if facts}},
            siblings=siblings,
            around={
                other: _standing(self.on_subject.get(other, {}).values())
                for other in beside - {subject}
            },
            seasons=history.seasons,
        )

    def _all_of(self, member_id: UUID) -> tuple[Fact, ...]:
        if member_id not in self._sorted:
            facts = self.of_member.get(member_id, {}).values()
            self._sorted[member_id] = tuple(sorted(facts, key=in_order))
        return self._sorted[member_id]


def _openers(
    facts: Mapping[int, Fact], openers: frozenset[str], member_id: UUID | None = None
) -> tuple[Fact, ...]:
    return tuple(
        fact
        for fact in facts.values()
        if fact.kind in openers
        and fact.reversed_at is None
        and (member_id is None or fact.member_id == member_id)
    )


def _standing(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted((fact for fact in facts if fact.reversed_at is None), key=in_order))


async def openings(
    subjects: Collection[str], openers: Collection[str]
) -> dict[str, tuple[Fact, ...]]:
    """The facts that opened these subjects, and their parents."""
    found: dict[str, list[Fact]] = {subject: [] for subject in subjects}
    own = live(await journal.openers_of(subjects, openers))
    parents = {fact.parent for fact in own if fact.parent} - found.keys()
    found |= {parent: [] for parent in parents}
    for fact in (*own, *live(await journal.openers_of(parents, openers))):
        found[fact.subject].append(fact)
    return {subject: tuple(facts) for subject, facts in found.items()}
