"""Points of days that lie across the programme's midnight: caps and cool-downs are the member's.

What is credited by and by, in any order, batches and reversals between, is held against a model
that knows neither differences nor parts: it takes a day's activities in the order of moments.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.catalogue.compiled import Catalogue
from gamification.ledger.draft import Draft, priced
from gamification.ledger.journal import DayKey
from gamification.ledger.stamps import INSTANT, stamped
from gamification.ledger.undo import lost
from gamification.ledger.worth import Part, Terms
from gamification.rules.facts import Fact, live
from gamification.rules.verdict import points_course
from gamification.seasons.season import Season
from tests.gamification.histories import ALICE, BOB

# Far from each other, and some whose hours aren't the programme's hours.
ZONES = ["Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu", "Australia/Lord_Howe"]
PROGRAMMES = ["Europe/Paris", "Asia/Tokyo", "America/New_York"]
# Clocks in Paris went back in this night.
DAY = date(2026, 10, 24)
START = datetime(2026, 10, 24, 6, tzinfo=UTC)
RECORDED = datetime(2026, 11, 22, tzinfo=UTC)

terms = st.builds(
    Terms,
    st.integers(1, 4),
    st.none() | st.integers(0, 12),
    st.sampled_from([None, "hour", "day"]),
)
# The quarters of some days, and the last instants before them.
moments = st.builds(
    lambda quarters, before: START + timedelta(minutes=15 * quarters) - before * INSTANT,
    st.integers(0, 240),
    st.integers(0, 1),
)


class Deed(NamedTuple):
    """What somebody did, and the zone that they had when it was recorded."""

    at: datetime | date
    zone: str
    quantity: int = 1
    member: Any = ALICE


deeds = st.builds(
    Deed,
    moments | moments.map(datetime.date),
    st.sampled_from(ZONES),
    st.sampled_from([1, 1, 1, 2, 3, 0, -1]),
    st.sampled_from([ALICE, ALICE, BOB]),
)


def catalogue_of(terms: Terms) -> Catalogue:
    """A catalogue of one kind."""
    return cast(
        Catalogue, SimpleNamespace(kinds={"post": SimpleNamespace(terms_on=lambda _: terms)})
    )


def stamped_as_fact(number: int, deed: Deed, terms: Terms, programme: str) -> Fact:
    zone = ZoneInfo(deed.zone)
    stamp = stamped(deed.at, zone, ZoneInfo(programme))
    return Fact(
        id=number,
        member_id=deed.member,
        kind="post",
        subject="",
        parent="",
        quantity=deed.quantity,
        moment=stamp.moment,
        day=stamp.local_day,
        fields={},
        worth=terms.worth_of(deed.quantity),
        active=True,
        bucket=terms.bucket_of(stamp.moment, zone),
        programme_day=stamp.programme_day,
        source="test",
        key=str(number),
        recorded_at=RECORDED,
    )


class Ledger:
    """What crediting keeps, without a database."""

    def __init__(self, terms: Terms) -> None:
        self.catalogue = catalogue_of(terms)
        self.facts: dict[int, Fact] = {}
        self.days: dict[DayKey, dict[Part, int]] = {}
        self.points: dict[Any, int] = defaultdict(int)
        self.boards: dict[tuple[Any, date], int] = defaultdict(int)

    def credit(self, facts: Iterable[Fact]) -> None:
        drafts = [Draft(fact, day_only=False) for fact in facts]
        ledgered = priced(self.catalogue, drafts, self.days)
        for entry in ledgered.entries:
            assert 0 <= entry.points <= entry.fact.worth
            assert (entry.reason is None) == (entry.points == entry.fact.worth)
            self.points[entry.fact.member_id] += entry.points
            self.facts[entry.fact.id] = entry.fact
        self._keep(ledgered.gains, ledgered.days)

    def reverse(self, numbers: Iterable[int]) -> None:
        gone = [self.facts[number] for number in numbers]
        losses, gains, days = lost(self.catalogue, gone, self.days, self._of_days(gone))
        for fact in gone:
            assert -fact.worth <= losses[fact.id] <= 0 or len(gone) > 1
            self.points[fact.member_id] += losses[fact.id]
            self.facts[fact.id] = fact._replace(reversed_at=RECORDED)
        self._keep(gains, days)

    def _of_days(self, facts: list[Fact]) -> list[Fact]:
        days = {(fact.member_id, fact.day) for fact in facts if fact.worth}
        if self.catalogue.kinds["post"].terms_on(START.date()).simple:
            return []
        return [each for each in self.facts.values() if (each.member_id, each.day) in days]

    def _keep(self, gains: Iterable[Any], days: Any) -> None:
        for gain in gains:
            self.boards[gain.member_id, gain.programme_day] += gain.points
        self.days |= {key: dict(day.parts) for key, day in days.items()}


def naively(terms: Terms, facts: Iterable[Fact]) -> int:
    """The points of somebody's facts: by the words of the documentation."""
    by_day: dict[date, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_day[fact.day].append(fact)
    total = 0
    for theirs in by_day.values():
        if terms.cool_down is None:
            worth = sum(fact.worth for fact in theirs)
        else:
            buckets = {fact.bucket for fact in theirs}
            worth = sum(max(f.worth for f in theirs if f.bucket == one) for one in buckets)
        total += worth if terms.daily_cap is None else min(terms.daily_cap, worth)
    return total


@given(
    terms,
    st.lists(deeds, max_size=14),
    st.randoms(use_true_random=False),
    st.sampled_from(PROGRAMMES),
)
def test_points_are_what_the_days_of_members_come_to(terms, told, random, programme):
    """In whatever order and batches, with whatever taken back between (I8, I9)."""
    ledger = Ledger(terms)
    waiting = [stamped_as_fact(n, deed, terms, programme) for n, deed in enumerate(told)]
    random.shuffle(waiting)
    while waiting:
        size = random.randint(1, 4)
        batch, waiting = waiting[:size], waiting[size:]
        ledger.credit(batch)
        standing = sorted(n for n, fact in ledger.facts.items() if fact.reversed_at is None)
        if random.random() < 0.3:
            ledger.reverse(random.sample(standing, min(len(standing), random.randint(1, 2))))

    for member in (ALICE, BOB):
        facts = live(fact for fact in ledger.facts.values() if fact.member_id == member)
        on_boards = {day: n for (who, day), n in ledger.boards.items() if who == member and n}
        assert ledger.points[member] == naively(terms, facts)
        assert on_boards == naively_by_programme_day(terms, facts)
        course = points_course(lambda *_: terms)
        assert _last(course(facts, None)) == ledger.points[member]
        for first, last in [(0, 0), (1, 1), (1, 2), (2, 9)]:
            season = Season("s", DAY + timedelta(first), DAY + timedelta(last))
            inside = sum(n for day, n in on_boards.items() if season.has(day))
            assert _last(course(facts, season)) == inside


@pytest.mark.parametrize(
    ("cool_down", "zone", "first"),
    [
        pytest.param(
            "day", "Pacific/Kiritimati", datetime(2026, 10, 24, 21, 50, tzinfo=UTC), id="a day"
        ),
        pytest.param(
            "hour", "Asia/Kathmandu", datetime(2026, 10, 24, 21, 50, tzinfo=UTC), id="an hour"
        ),
    ],
)
def test_a_cool_down_goes_on_over_the_midnight_of_the_programme(cool_down, zone, first):
    """It is the member's. What comes first has the points, and the later what it is worth more."""
    terms = Terms(5, None, cool_down)
    ledger = Ledger(terms)
    told = [Deed(first, zone), Deed(first + timedelta(minutes=20), zone, 3)]
    facts = [stamped_as_fact(n, deed, terms, "Europe/Paris") for n, deed in enumerate(told)]
    assert [fact.programme_day.day for fact in facts] == [24, 25]

    ledger.credit(facts)

    assert ledger.points[ALICE] == 15
    assert ledger.boards == {(ALICE, date(2026, 10, 24)): 5, (ALICE, date(2026, 10, 25)): 10}


def naively_by_programme_day(terms: Terms, facts: Sequence[Fact]) -> dict[date, int]:
    """What each of the programme's days added to those before it."""
    days = sorted({fact.programme_day for fact in facts})
    through = [
        naively(terms, [fact for fact in facts if fact.programme_day <= day]) for day in days
    ]
    gained = [after - before for before, after in pairwise([0, *through])]
    return {day: n for day, n in zip(days, gained, strict=True) if n}


def _last(course: Iterable[tuple[datetime, int]]) -> int:
    totals = [total for _, total in course]
    assert totals == sorted(totals)
    return totals[-1] if totals else 0
