"""Reversal: the inverse of entries, after which they never happened."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from gamification.boards.scores import Gain
from gamification.catalogue.compiled import Catalogue
from gamification.ledger import journal
from gamification.ledger.draft import shifted
from gamification.ledger.journal import DayKey, NewEntry
from gamification.ledger.worth import Day, Part, rebuilt
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
    losses, gains, days = await _losses(catalogue, facts)
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
    await journal.keep_day_parts(days.items())
    return Undone(entries, gains)


async def _fresh_ids(number: int) -> list[int]:
    ids: list[int] = await fetchval(
        "SELECT array_agg(nextval('ledger_entry_id_seq')) FROM generate_series(1, $1::int)", number
    )
    return ids


async def _losses(
    catalogue: Catalogue, facts: Sequence[Fact]
) -> tuple[Mapping[int, int], list[Gain], dict[DayKey, dict[Part, int]]]:
    """What each reversal takes from points, what boards lose, and the capped days as they are then.

    Where a cap or a cool-down ruled the day, another activity may fill the place.
    """
    losses: dict[int, int] = {}
    gains: list[Gain] = []
    ruled: dict[DayKey, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.worth and not catalogue.kinds[fact.kind].terms_on(fact.day).simple:
            ruled[fact.member_id, fact.kind, fact.day].append(fact)
        else:
            losses[fact.id] = -fact.worth
            gains.append(Gain(fact.member_id, fact.kind, fact.programme_day, -fact.worth))
    days: dict[DayKey, dict[Part, int]] = {}
    before = await journal.day_parts(ruled)
    remaining = _by_day(await journal.of_days(ruled))
    for key, undone_here in ruled.items():
        terms = catalogue.kinds[key[1]].terms_on(key[2])
        gone = {fact.id for fact in undone_here}
        was = Day(terms, before.get(key, {}))
        left = rebuilt(
            terms,
            [
                (Part(fact.programme_day, fact.bucket), fact.worth)
                for fact in remaining.get(key, ())
                if fact.id not in gone
            ],
        )
        gains += shifted(key, was.by_programme_day(), left.by_programme_day())
        losses |= dict.fromkeys(gone, 0) | {undone_here[0].id: left.total - was.total}
        days[key] = dict.fromkeys(was.parts, 0) | left.parts
    return losses, gains, days


def _by_day(facts: Collection[Fact]) -> dict[DayKey, list[Fact]]:
    found: dict[DayKey, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.reversed_at is None:
            found[fact.member_id, fact.kind, fact.day].append(fact)
    return found
