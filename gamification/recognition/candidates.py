"""Which badges and tiers a batch can touch, for whom and on which subject. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.rule import Rule
from gamification.rules.facts import Fact


class Touch(msgspec.Struct):
    """How a rule was touched: by facts from `since` on, and whether any can speak against it."""

    since: datetime
    shaken: bool = False

    def and_by(self, since: datetime, *, shaken: bool) -> None:
        self.since = min(self.since, since)
        self.shaken = self.shaken or shaken


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

    def hear(self, catalogue: Catalogue, fact: Fact, sign: int, flows_heard: Iterable[int]) -> None:
        """Touch what a fact, or its reversal, can change for the member itself."""
        shaken = sign < 0 or fact.quantity < 0
        for number in flows_heard:
            per_subject = number in catalogue.subject_flows
            for rule in catalogue.rules_by_flow.get(number, ()):
                if per_subject:
                    self.touch(rule, fact.member_id, fact.subject, fact.moment, shaken=shaken)
                else:
                    self.touch_member(rule, fact.member_id, fact.moment, shaken=shaken)
        if fact.subject and catalogue.opens_subject(fact.kind):
            for rule in catalogue.origin_rules:
                self.touch(rule, fact.member_id, fact.subject, fact.moment, shaken=shaken)

    def hear_member(
        self, catalogue: Catalogue, member_id: UUID, since: datetime, *, shaken: bool
    ) -> None:
        """Touch what follows points and streaks."""
        for rule in catalogue.always_touched:
            self.touch_member(rule, member_id, since, shaken=shaken)

    def in_layer(self, layer: Iterable[Rule]) -> "list[tuple[Rule, UUID]]":
        """The rules of a layer that were touched, with the member."""
        rules = set(layer)
        return [place for place in self.touched if place[0] in rules]
