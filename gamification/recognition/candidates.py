"""Which badges and tiers a batch can touch, for whom and on which subject. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.rule import Rule
from gamification.recognition.tallies import Changes, Touch
from gamification.rules.facts import Fact
from gamification.rules.promise import Totals


class Candidates:
    """What may have changed: rule by rule, the members and subjects to look at.

    In `everywhere` are the members for whom each of their subjects has to be looked at.
    """

    def __init__(self) -> None:
        self.touched: dict[tuple[Rule, UUID], dict[str, Touch]] = defaultdict(dict)
        self.everywhere: dict[tuple[Rule, UUID], Touch] = {}

    def touch(
        self, rule: Rule, member_id: UUID, subject: str, since: datetime, *, shaken: bool
    ) -> None:
        subjects = self.touched[rule, member_id]
        touch = subjects.get(subject)
        if touch is None:
            subjects[subject] = Touch(since, shaken)
        else:
            touch.and_by(since, shaken=shaken)

    def touch_member(self, rule: Rule, member_id: UUID, since: datetime, *, shaken: bool) -> None:
        """Touch a rule for a member, on all their subjects where it is about subjects."""
        if not rule.about_subjects:
            self.touch(rule, member_id, "", since, shaken=shaken)
            return
        touch = self.everywhere.get((rule, member_id))
        if touch is None:
            self.everywhere[rule, member_id] = Touch(since, shaken)
        else:
            touch.and_by(since, shaken=shaken)

    def hear(self, catalogue: Catalogue, running: Changes, totals: Totals) -> None:
        """Touch what a change of tallies can matter to, for the members themselves."""
        for (member_id, number, subject), touch in running.touches.items():
            per_subject = number in catalogue.subject_flows
            for rule in catalogue.rules_by_flow.get(number, ()):
                if rule.about_subjects and not per_subject:
                    self.touch_member(rule, member_id, touch.since, shaken=touch.shaken)
                elif _matters(catalogue, rule, member_id, subject, touch, totals):
                    self.touch(rule, member_id, subject, touch.since, shaken=touch.shaken)

    def hear_openings(
        self, catalogue: Catalogue, changes: Iterable[tuple[Fact, int]], totals: Totals
    ) -> None:
        """Touch what looks at when a subject was opened."""
        if not catalogue.origin_rules:
            return
        for fact, sign in changes:
            if fact.subject and catalogue.opens_subject(fact.kind):
                member_id, subject = fact.member_id, fact.subject
                touch = Touch(fact.moment, sign < 0 or fact.quantity < 0, sign < 0)
                for rule in catalogue.origin_rules:
                    if _matters(catalogue, rule, member_id, subject, touch, totals):
                        self.touch(rule, member_id, subject, touch.since, shaken=touch.shaken)

    def hear_member(
        self, catalogue: Catalogue, member_id: UUID, touch: Touch, totals: Totals
    ) -> None:
        """Touch what follows points and streaks."""
        for rule in catalogue.always_touched:
            if rule.about_subjects or _matters(catalogue, rule, member_id, "", touch, totals):
                self.touch_member(rule, member_id, touch.since, shaken=touch.shaken)

    def in_layer(self, layer: Iterable[Rule]) -> "list[tuple[Rule, UUID]]":
        """The rules of a layer that were touched, with the member."""
        rules = set(layer)
        return [place for place in self.touched if place[0] in rules]


def _matters(
    catalogue: Catalogue, rule: Rule, member_id: UUID, subject: str, touch: Touch, totals: Totals
) -> bool:
    """Whether a touch can change anything.

    A badge that totals rule out isn't held either, unless a reversal lowered them just now. A
    tier can be: grace keeps it.
    """
    if touch.undone or rule.node[0] == "tier":
        return True
    for promise in catalogue.promises[rule]:  # noqa: SIM110 - asked of every activity
        if promise(member_id, subject, totals):
            return True
    return False
