"""Histories for tests of the pure rules: facts as short as they can be said."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

from gamification.ledger.activity import Fields
from gamification.rules.facts import Fact, History

ALICE = UUID(int=0xA11CE)
BOB = UUID(int=0xB0B)
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

_ids = count(1)


def day(number: int, hour: int = 9) -> datetime:
    """A moment so many days after a certain Monday."""
    return MONDAY.replace(hour=hour) + timedelta(days=number)


def fact(
    kind: str,
    at: datetime,
    *,
    member_id: UUID = ALICE,
    subject: str = "",
    parent: str = "",
    quantity: int = 1,
    worth: int = 0,
    local_day: date | None = None,
    active: bool = True,
    reversed_at: datetime | None = None,
    recorded_at: datetime | None = None,
    **fields: str | int | bool,
) -> Fact:
    """A fact of Alice's, unless another is named."""
    number = next(_ids)
    known: Fields = fields
    return Fact(
        id=number,
        member_id=member_id,
        kind=kind,
        subject=subject,
        parent=parent,
        quantity=quantity,
        moment=at,
        day=local_day or at.date(),
        fields=known,
        worth=worth,
        active=active,
        bucket=-1,
        programme_day=at.date(),
        source="test",
        key=str(number),
        recorded_at=recorded_at or at,
        reversed_at=reversed_at,
    )


def history(*facts: Fact, joined_at: datetime = MONDAY, **more: object) -> History:
    """Alice's history."""
    ordered = tuple(sorted(facts, key=lambda each: (each.moment, each.id)))
    return History(joined_at=joined_at, facts=ordered, **more)  # type: ignore[arg-type]
