"""Reversal: the inverse of entries, after which they never happened."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from gamification.boards.scores import Gain
from gamification.catalogue.compiled import Catalogue
from gamification.ledger import journal
from gamification.ledger.draft import shifted
from gamification.ledger.journal import DayKey, NewEntry
from gamification.ledger.worth import Day, Part
from gamification.rules.facts import Fact
from ground.engine import fetchval

REVERSAL = "reversal"


class Undone(NamedTuple):
    """The inverse entries, and what boards lose."""

    entries: list[NewEntry]
    gains: list[Gain]


async def undone(catalogue: Catalogue, facts: Sequence[Fact], reason: str, now: datetime) -> Undone:
    """Write the inverse of facts that stand. Their members' rows are held by the caller."""
    first_id = await _fresh_ids(len(facts))
    ruled = {day_of(fact) for fact in facts if is_ruled(catalogue, fact)}
    before, on_days = await journal.day_parts(ruled), await journal.of_days(ruled)
    losses, gains, days = lost(catalogue, facts, before, on_days)
    entries = [
        NewEntry(
            fact=fact._replace(
                id=first_id[number],
                source=REVERSAL,
                key=str(fact.id),
                quantity=-fact.quantity,
                worth=0,
                recorded_at=now,
            ),
            day_only=False,
            points=losses[fact.id],
            reason=reason,
            reverses=fact.id,
        )
        for number, fact in enumerate(facts)
    ]
    await journal.write(entries)
    await journal.keep_day_parts((key, day.parts) for key, day in days.items())
    return Undone(entries, gains)


async def _fresh_ids(number: int) -> list[int]:
    ids: list[int] = await fetchval(
        "SELECT array_agg(nextval('ledger_entry_id_seq')) FROM generate_series(1, $1::int)", number
    )
    return ids


def is_ruled(catalogue: Catalogue, fact: Fact) -> bool:
    """Whether a cap or a cool-down rules what a fact is worth."""
    return bool(fact.worth) and not catalogue.kinds[fact.kind].terms_on(fact.day).simple


def day_of(fact: Fact) -> DayKey:
    """The day that a cap or a cool-down rules."""
    return (fact.member_id, fact.kind, fact.day)


def lost(
    catalogue: Catalogue,
    facts: Sequence[Fact],
    before: Mapping[DayKey, dict[Part, int]],
    on_days: Iterable[Fact],
) -> tuple[Mapping[int, int], list[Gain], dict[DayKey, Day]]:
    """What each reversal takes from points, what boards lose, and the ruled days as they are then.

    Where a cap or a cool-down ruled the day, another activity may fill the place: `before` is
    what the parts of such days were worth, and `on_days` all that happened on them. Pure.
    """
    losses: dict[int, int] = {}
    gains: list[Gain] = []
    gone: dict[DayKey, list[int]] = defaultdict(list)
    for fact in facts:
        if is_ruled(catalogue, fact):
            gone[day_of(fact)].append(fact.id)
        else:
            losses[fact.id] = -fact.worth
            gains.append(Gain(fact.member_id, fact.kind, fact.programme_day, -fact.worth))
    undone_ids = {fact.id for fact in facts}
    days: dict[DayKey, Day] = {}
    for key in gone:
        # Parts that are empty now are written as such.
        terms = catalogue.kinds[key[1]].terms_on(key[2])
        days[key] = Day(terms, dict.fromkeys(before.get(key, {}), 0))
    for fact in on_days:
        if fact.reversed_at is None and fact.id not in undone_ids:
            days[day_of(fact)].add(Part(fact.programme_day, fact.bucket), fact.worth)
    for key, (first, *others) in gone.items():
        was = Day(days[key].terms, before.get(key, {}))
        gains += shifted(key, was.by_programme_day(), days[key].by_programme_day())
        losses |= dict.fromkeys(others, 0) | {first: days[key].total - was.total}
    return losses, gains, days
