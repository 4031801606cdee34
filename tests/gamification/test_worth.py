"""Caps and cool-downs: the same points whatever the order (I8, I9)."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.ledger.worth import Day, Part, Terms

TODAY = date(2026, 11, 2)
TOMORROW = date(2026, 11, 3)
ANY = Part(TODAY, -1)


def test_a_day_is_worth_at_most_its_cap_and_the_entry_says_why():
    day = Day(Terms(points=5, daily_cap=12))

    assert [day.add(ANY, 5) for _ in range(4)] == [
        (5, None),
        (5, None),
        (2, "daily_cap"),
        (0, "daily_cap"),
    ]


def test_a_cool_down_lets_one_activity_an_hour_count():
    day = Day(Terms(points=5, cool_down="hour"))

    assert day.add(Part(TODAY, 9), 5) == (5, None)
    assert day.add(Part(TODAY, 9), 5) == (0, "cool_down")
    assert day.add(Part(TODAY, 10), 5) == (5, None)


@pytest.mark.parametrize(
    ("cool_down", "bucket"),
    [
        pytest.param("hour", 23, id="an hour of the member's own clock"),
        pytest.param("day", 24, id="the whole day"),
        pytest.param(None, -1, id="none"),
    ],
)
def test_buckets_are_aligned_with_the_local_day(cool_down, bucket):
    moment = datetime(2026, 11, 2, 22, 59, tzinfo=UTC)

    assert Terms(1, None, cool_down).bucket_of(moment, ZoneInfo("Europe/Paris")) == bucket


def test_nothing_is_ever_worth_less_than_nothing():
    assert Terms(points=5).worth_of(-3) == 0
    assert Terms(points=5).worth_of(3) == 15


def test_what_came_first_fills_the_cap_when_the_day_spans_two_of_the_programmes():
    day = rebuilt(Terms(5, daily_cap=12), [(Part(TOMORROW, -1), 10), (Part(TODAY, -1), 10)])

    assert day.by_programme_day() == {TODAY: 10, TOMORROW: 2}


entries = st.lists(
    st.tuples(
        st.builds(Part, st.sampled_from([TODAY, TOMORROW]), st.just(-1)),
        st.integers(0, 9),
    )
)
hourly = st.lists(
    st.tuples(
        st.builds(Part, st.sampled_from([TODAY, TOMORROW]), st.integers(0, 3)), st.integers(0, 9)
    )
)


@given(entries | hourly, st.randoms(), st.integers(1, 30))
def test_the_points_of_a_day_dont_depend_on_the_order(told, random, cap):
    terms = Terms(1, cap)
    shuffled = list(told)
    random.shuffle(shuffled)

    one, other = rebuilt(terms, told), rebuilt(terms, shuffled)

    assert one.total == other.total <= cap
    assert one.by_programme_day() == other.by_programme_day()
    assert sum(one.by_programme_day().values()) == one.total


@given(entries)
def test_the_points_of_entries_add_up_to_the_points_of_the_day(told):
    day = Day(Terms(1, 20))

    assert sum(day.add(part, worth)[0] for part, worth in told) == day.total


def rebuilt(terms, told):
    """The day of these activities."""
    day = Day(terms)
    for part, worth in told:
        day.add(part, worth)
    return day
