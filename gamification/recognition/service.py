"""Recognition: what follows from entries, decided layer by layer for a whole batch at once.

Totals rule out almost everything. What they leave open is decided from the ledger itself, by
the pure functions of `rules`, so that the result depends on the set of entries alone.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.rule import Rule
from gamification.ledger.intake import hold_players
from gamification.recognition import neighbours, tallies
from gamification.recognition.candidates import Candidates
from gamification.recognition.held import (
    Held,
    HeldAt,
    Ruling,
    held_place,
    write_badges,
    write_tiers,
)
from gamification.recognition.histories import Histories, Place, openings
from gamification.recognition.known import Glance, Known
from gamification.recognition.pushed import push_active, push_rulings
from gamification.recognition.tallies import Touch
from gamification.recognition.told import tell_earned
from gamification.rules.facts import Fact
from gamification.rules.verdict import Verdict, badge_verdict, points_course, tier_verdict
from gamification.standings.keep import Gains, keep
from gamification.standings.telling import note_credit
from gamification.streaks.service import mark_days

Signed = tuple[Fact, int]
LONG_AGO = datetime.min.replace(tzinfo=UTC)
# How many facts run before others have their turn: a batch would keep them waiting.
AT_A_TIME = 100


class Heard(NamedTuple):
    """Facts that came (+1) or were reversed (-1), and what runs in the flows by them."""

    changes: Sequence[Signed]
    running: tallies.Changes
    by_member: dict[UUID, Touch]


async def hear(catalogue: Catalogue, changes: Sequence[Signed]) -> Heard:
    """Let facts run through the flows. No statement; others have their turn now and then."""
    heard = Heard(changes, tallies.Changes(), {})
    for number, (fact, sign) in enumerate(changes):
        if number % AT_A_TIME == 0:
            await asyncio.sleep(0)
        heard.running.add(catalogue, fact, sign)
        undone = sign < 0
        shaken = undone or fact.quantity < 0
        touch = heard.by_member.get(fact.member_id)
        if touch is None:
            heard.by_member[fact.member_id] = Touch(fact.moment, shaken, undone)
        else:
            touch.and_by(fact.moment, shaken=shaken, undone=undone)
    return heard


async def recognise(
    catalogue: Catalogue,
    heard: Heard,
    gains: Gains,
    joined_at: dict[UUID, datetime],
    now: datetime,
) -> list[Ruling]:
    """Let what was heard have its consequences. Return these."""
    changes, candidates = heard.changes, Candidates()
    amounts = await tallies.apply(heard.running)
    days = await mark_days(changes)
    known = Known(amounts, await keep(changes, gains, days))
    at_a_glance = Glance(known)
    candidates.hear(catalogue, heard.running, at_a_glance)
    candidates.hear_openings(catalogue, changes, at_a_glance)
    for member_id, touch in heard.by_member.items():
        candidates.hear_member(catalogue, member_id, touch, at_a_glance)
    strangers = await neighbours.touch(catalogue, candidates, changes) - joined_at.keys()
    if strangers:
        players = await hold_players(strangers)
        joined_at |= {member_id: player.joined_at for member_id, player in players.items()}
    rulings = await Decision(catalogue, candidates, known, joined_at, now).made()
    note_credit(heard.by_member.keys(), gains, rulings)
    await tell_earned(rulings, now)
    push_active(days.keys(), (fact for fact, sign in changes if sign > 0), now)
    push_rulings(rulings)
    return rulings


class Decision:
    """One pass through the layers of the catalogue."""

    def __init__(
        self,
        catalogue: Catalogue,
        candidates: Candidates,
        known: Known,
        joined_at: Mapping[UUID, datetime],
        now: datetime,
    ) -> None:
        self.catalogue = catalogue
        self.candidates = candidates
        self.known = known
        self.held = Held()
        self.histories = Histories(known, joined_at)
        self.now = now
        self.course = points_course(lambda kind, day: catalogue.kinds[kind].terms_on(day))
        self.openers = frozenset(kind for kind in catalogue.kinds if catalogue.opens_subject(kind))

    async def made(self) -> list[Ruling]:
        """Decide everything that was touched, and what follows from that."""
        rulings: list[Ruling] = []
        for layer in self.catalogue.layers:
            await self._spread_over_subjects(layer)
            touched = self.candidates.in_layer(layer)
            if not touched:
                continue
            await self._read_held(touched)
            decided = await self._decide(touched)
            await write_badges([each for each in decided if each.rule.node[0] == "badge"], self.now)
            await write_tiers([each for each in decided if each.rule.node[0] == "tier"], self.now)
            self._touch_dependents(decided)
            rulings += decided
        return rulings

    async def _spread_over_subjects(self, layer: Iterable[Rule]) -> None:
        """Touch all subjects of members for whom everything may have changed."""
        rules = set(layer)
        places = {place: t for place, t in self.candidates.everywhere.items() if place[0] in rules}
        wanted = {
            (member_id, number)
            for rule, member_id in places
            for number in self.catalogue.flows_of_rule(rule)
            if number in self.catalogue.subject_flows
        }
        subjects = await tallies.subjects_of(wanted)
        for (rule, member_id), touch in places.items():
            for subject in subjects.get(member_id, ()):
                self.candidates.touch(rule, member_id, subject, touch.since, shaken=touch.shaken)

    async def _read_held(self, touched: Iterable[tuple[Rule, UUID]]) -> None:
        members, rules, subjects = set[UUID](), set[Rule](), set[str]()
        for rule, member_id in touched:
            members.add(member_id)
            rules.add(rule)
            # By `|=` it would be copied each time.
            subjects.update(self.candidates.touched[rule, member_id])
        await self.held.read(members, rules, subjects - {""})
        for member_id, (badges, tiers) in self.held.since_by_member().items():
            self.known.badges[member_id] = badges
            self.known.tiers[member_id] = tiers

    async def _decide(self, touched: Iterable[tuple[Rule, UUID]]) -> list[Ruling]:
        await self._look_everywhere_again(touched)
        places: dict[Place, HeldAt | None] = {}
        for rule, member_id in touched:
            for subject, touch in self.candidates.touched[rule, member_id].items():
                held = self.held.of(rule, member_id, subject)
                if _may_change(rule, held, touch):
                    places[rule, member_id, subject] = held
        # Grace may keep a tier that its totals no longer reach.
        spared = {p for p, held in places.items() if held is not None and p[0].node[0] == "tier"}
        open_ = [*spared, *await self._still_open([p for p in places if p not in spared])]
        await self.histories.read(open_, self.openers)
        verdicts: dict[Place, Verdict | None] = {p: None for p, held in places.items() if held}
        verdicts |= {place: self._verdict(place) for place in open_}
        rulings = (
            each._replace(before=self.held.of(each.rule, each.member_id, each.subject))
            for each in _ruled(verdicts.items())
        )
        return [ruling for ruling in rulings if ruling.before or ruling.verdict]

    async def _look_everywhere_again(self, touched: Iterable[tuple[Rule, UUID]]) -> None:
        """A badge earned once through one subject may now have been earned through another."""
        again = [
            (rule, member_id)
            for rule, member_id in touched
            if rule.about_subjects and rule.once and self._is_in_doubt(rule, member_id)
        ]
        for rule, member_id in again:
            self.candidates.touch_member(rule, member_id, LONG_AGO, shaken=True)
        if again:
            await self._spread_over_subjects({rule for rule, _ in again})

    def _is_in_doubt(self, rule: Rule, member_id: UUID) -> bool:
        held = self.held.of(rule, member_id, "")
        touches = self.candidates.touched[rule, member_id].values()
        return held is not None and any(_may_change(rule, held, touch) for touch in touches)

    async def _still_open(self, places: list[Place]) -> list[Place]:
        """The places that the totals leave open. Asks at most twice for more."""
        places = [place for place in places if self._could_hold(place)]
        while self.known.wants_more:
            await self.known.look_up()
            places = [place for place in places if self._could_hold(place)]
        return await self._old_enough(places)

    async def _old_enough(self, places: list[Place]) -> list[Place]:
        """Ask when subjects were opened before asking for everything about them."""
        subjects = {subject for rule, _, subject in places if rule.looks_at_parents}
        if not subjects:
            return places
        self.known.openings |= await openings(subjects, self.openers)
        return [place for place in places if self._could_hold(place)]

    def _could_hold(self, place: Place) -> bool:
        rule, member_id, subject = place
        for promise in self.catalogue.promises[rule]:
            if promise(member_id, subject, self.known):
                return True
        return False

    def _verdict(self, place: Place) -> Verdict | None:
        rule, member_id, subject = place
        history = self.histories.of(rule, member_id, subject, self.openers)
        if rule.node[0] == "tier":
            return tier_verdict(rule, history, self.now, self.course)
        return badge_verdict(rule, history, subject, self.now, self.course)

    def _touch_dependents(self, rulings: Collection[Ruling]) -> None:
        """What looks at a badge or tier that came, went or moved has to be looked at too."""
        for ruling in rulings:
            place = held_place(ruling.rule, ruling.member_id, ruling.subject)
            kept = self.held.badges if ruling.rule.node[0] == "badge" else self.held.tiers
            before = kept.pop(place, None)
            if ruling.verdict is not None:
                kept[place] = HeldAt(
                    ruling.verdict.at,
                    ruling.verdict.version,
                    ruling.through,
                    ruling.verdict.lapses_at,
                    spared=ruling.verdict.spared,
                )
            moments = [each.at for each in (before, kept.get(place)) if each is not None]
            for rule in self.catalogue.dependents.get(ruling.rule.node, ()):
                self.candidates.touch_member(rule, ruling.member_id, min(moments), shaken=True)


def _may_change(rule: Rule, held: HeldAt | None, touch: Touch) -> bool:
    """Whether what touched a rule can change what is held. What comes later changes no past."""
    if held is not None and held.by_hand:
        return False
    if held is None or touch.since <= held.at:
        return True
    if rule.kept:
        return False
    # What was taken back may be earned again.
    is_loose = held.spared or held.lapses_at is not None
    return touch.shaken or not rule.only_rises or is_loose


def _ruled(verdicts: Iterable[tuple[Place, Verdict | None]]) -> list[Ruling]:
    """One ruling for each badge that can be held: for a badge earned once, by the first subject."""
    found: dict[tuple[Rule, UUID, str], list[tuple[Verdict, str]]] = defaultdict(list)
    for (rule, member_id, subject), verdict in verdicts:
        rival = found[rule, member_id, "" if rule.once else subject]
        if verdict is not None:
            rival.append((verdict, subject))
    rulings = []
    for (rule, member_id, subject), rivals in found.items():
        best = min(rivals, key=lambda each: (each[0].at, each[1]), default=None)
        verdict, through = (None, "") if best is None else best
        rulings.append(Ruling(rule, member_id, subject, verdict, through if rule.once else ""))
    return rulings
