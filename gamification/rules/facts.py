"""What the rules look at: entries of the ledger as plain values, and a member's history."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

import msgspec

from gamification.ledger.activity import Fields
from gamification.seasons.season import Season


class Fact(NamedTuple):
    """One entry of the ledger.

    `active` tells whether the member acted, rather than received; `reversed_at` when it was
    found never to have happened.
    """

    id: int
    member_id: UUID
    kind: str
    subject: str
    parent: str
    quantity: int
    moment: datetime
    day: date
    fields: Fields
    worth: int
    active: bool
    bucket: int
    programme_day: date
    source: str
    key: str
    recorded_at: datetime
    reversed_at: datetime | None = None


# Within an instant only parents can matter: by whatever key an entry goes, it is the same order.
in_order = attrgetter("moment", "parent", "source", "key", "id")


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one member, and of what stands around one of their subjects.

    `facts` are the member's own, in order. `origins` are the facts that opened a subject,
    by subject, and `siblings` those that opened another subject on the same parent;
    `around` holds the facts about these siblings. `seasons` are those that criteria name.
    """

    joined_at: datetime | None
    facts: tuple[Fact, ...] = ()
    badges: Mapping[str, datetime] = {}
    tiers: Mapping[str, datetime] = {}
    origins: Mapping[str, tuple[Fact, ...]] = {}
    siblings: Mapping[str, tuple[Fact, ...]] = {}
    around: Mapping[str, tuple[Fact, ...]] = {}
    seasons: Mapping[str, Season] = {}

    def with_facts(self, facts: Iterable[Fact]) -> "History":
        """The same member with other facts of their own."""
        return msgspec.structs.replace(self, facts=tuple(facts))


def live(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts that stand, in order."""
    return tuple(sorted((fact for fact in facts if fact.reversed_at is None), key=in_order))


def known_before(facts: Iterable[Fact], moment: datetime) -> tuple[Fact, ...]:
    """The facts that stood just before something was reversed at `moment`, in order."""
    return tuple(
        sorted(
            (
                fact
                for fact in facts
                if fact.recorded_at <= moment
                and (fact.reversed_at is None or fact.reversed_at >= moment)
            ),
            key=in_order,
        )
    )


def as_known_at(facts: Iterable[Fact], moment: datetime | None) -> list[Fact]:
    """The facts as they were known at a moment; without one, as they are."""
    if moment is None:
        return list(facts)
    return [
        fact
        if fact.reversed_at is None or fact.reversed_at <= moment
        else fact._replace(reversed_at=None)
        for fact in facts
        if fact.recorded_at <= moment
    ]
