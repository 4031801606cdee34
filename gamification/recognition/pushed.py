"""What journeys hear of recognition: who was active, and which badges and tiers came or went."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from gamification.recognition.held import Ruling
from gamification.rules.facts import Fact
from notifications.journeys.happened import happened, is_over
from notifications.journeys.plan import ACTIVITY
from notifications.wording.category import ByLanguage


def push_active(member_ids: Collection[UUID], facts: Iterable[Fact], now: datetime) -> None:
    """Say when these members were last active: those who have a day more, or less."""
    last: dict[UUID, datetime] = {}
    for fact in facts:
        if fact.member_id in member_ids:
            last[fact.member_id] = max(fact.moment, last.get(fact.member_id, fact.moment))
    for member_id, moment in last.items():
        happened(member_id, ACTIVITY, at=min(moment, now))


def push_rulings(rulings: Iterable[Ruling]) -> None:
    """Say which badges and tiers members hold now, and which they don't any more."""
    for ruling in rulings:
        fact = ":".join(ruling.rule.node)
        if ruling.verdict is not None and ruling.earned:
            name = msgspec.convert(ruling.rule.definition.name, ByLanguage, from_attributes=True)
            happened(ruling.member_id, fact, at=ruling.verdict.at, name=name)
        elif ruling.verdict is None and not ruling.subject:
            # Of what is earned again and again, some may be left.
            is_over(ruling.member_id, fact)
