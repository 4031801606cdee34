"""Streaks forgive a rest, and neither clocks nor calendars break or double them."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.ledger.stamps import end_of_day, is_in_the_future, stamped
from gamification.streaks.streak import Run, period_number, run_over, streak_in

MON = date(2026, 11, 2)
PARIS = ZoneInfo("Europe/Paris")


def days(*offsets: int) -> list[date]:
    return [MON + timedelta(days=offset) for offset in offsets]


@pytest.mark.parametrize(
    ("active", "today", "current", "best"),
    [
        pytest.param([], 0, 0, 0, id="nobody starts with a streak"),
        pytest.param([0], 0, 1, 1, id="the first active day starts one"),
        pytest.param([0, 1, 2], 2, 3, 3, id="days in a row add up"),
        pytest.param([0, 0, 1], 1, 2, 2, id="a second time the same day adds nothing"),
        pytest.param([0, 1], 2, 2, 2, id="it goes on while today may still come"),
        pytest.param([0, 1], 3, 2, 2, id="one missed day is bridged"),
        pytest.param(
            [0, 1], 4, 0, 2, id="after two missed days it is over, and the best one stays"
        ),
        pytest.param([0, 1, 3], 3, 3, 3, id="the bridged day isn't counted"),
        pytest.param(
            [0, 1, 3, 4, 6], 6, 3, 4, id="a second miss within seven days leaves the first behind"
        ),
        pytest.param(
            [0, 1, 3, 4, 5, 6, 7, 8, 9, 11], 11, 10, 10, id="a miss in each seven days is forgiven"
        ),
        pytest.param([2, 1, 0], 2, 3, 3, id="the order of arrival doesn't matter"),
    ],
)
def test_a_streak_of_days(active, today, current, best):
    run, longest = run_over(period_number(day, "day") for day in days(*active))
    streak = streak_in(period_number(MON + timedelta(days=today), "day"), run, longest)

    assert (streak.current, streak.best) == (current, best)


@pytest.mark.parametrize(
    ("unit", "first", "second", "apart"),
    [
        pytest.param(
            "week", date(2026, 12, 28), date(2027, 1, 4), 1, id="weeks go on over new year"
        ),
        pytest.param(
            "week", date(2026, 11, 2), date(2026, 11, 8), 0, id="Monday to Sunday is one week"
        ),
        pytest.param(
            "month", date(2026, 12, 31), date(2027, 1, 1), 1, id="months go on over new year"
        ),
        pytest.param("day", date(2028, 2, 28), date(2028, 3, 1), 2, id="a leap day is a day"),
    ],
)
def test_neighbouring_periods_differ_by_one(unit, first, second, apart):
    assert period_number(second, unit) - period_number(first, unit) == apart


def longest_forgiving_stretch(active: set[int]) -> int:
    """The definition itself: no seven days in a row hold two missed ones."""
    last = max(active)
    for start in sorted(active):
        missed = [day for day in range(start, last + 1) if day not in active]
        if all(later - earlier >= 7 for earlier, later in itertools.pairwise(missed)):
            return sum(start <= day <= last for day in active)
    raise AssertionError("the last day alone is a stretch")


@given(st.sets(st.integers(min_value=1, max_value=60), min_size=1))
def test_a_run_is_the_longest_stretch_without_two_misses_in_seven_days(active):
    run, _ = run_over(active)

    assert run.length == longest_forgiving_stretch(active)


@given(st.lists(st.integers(min_value=1, max_value=60), min_size=1), st.randoms())
def test_a_run_depends_on_the_set_of_days_alone(active, random):
    shuffled = active + active[: len(active) // 2]
    random.shuffle(shuffled)

    assert run_over(shuffled) == run_over(active)


def test_a_run_ignores_an_earlier_period():
    assert Run().extended_to(9).extended_to(8) == Run().extended_to(9)


@pytest.mark.parametrize(
    ("moment", "local_day"),
    [
        pytest.param("2026-03-29T00:59:59Z", date(2026, 3, 29), id="before the clocks go forward"),
        pytest.param(
            "2026-03-29T21:59:59Z", date(2026, 3, 29), id="the short day ends an hour early"
        ),
        pytest.param("2026-03-29T22:00:00Z", date(2026, 3, 30), id="and the next begins"),
        pytest.param(
            "2026-10-25T22:59:59Z", date(2026, 10, 25), id="the long day lasts an hour longer"
        ),
        pytest.param("2026-10-25T23:00:00Z", date(2026, 10, 26), id="and then is over"),
    ],
)
def test_the_local_day_over_daylight_saving(moment, local_day):
    stamp = stamped(datetime.fromisoformat(moment), PARIS, PARIS)

    assert stamp.local_day == local_day


@pytest.mark.parametrize(
    ("day", "end"),
    [
        pytest.param(date(2026, 3, 29), "2026-03-29T21:59:59.999999+00:00", id="23 hours"),
        pytest.param(date(2026, 10, 25), "2026-10-25T22:59:59.999999+00:00", id="25 hours"),
        pytest.param(date(2028, 2, 29), "2028-02-29T22:59:59.999999+00:00", id="leap day"),
    ],
)
def test_a_day_ends_when_it_ends_where_the_member_is(day, end):
    assert end_of_day(day, PARIS) == datetime.fromisoformat(end)


def test_the_same_moment_is_another_day_elsewhere():
    late_evening = datetime(2026, 11, 2, 22, 30, tzinfo=UTC)

    assert stamped(late_evening, ZoneInfo("Asia/Tokyo"), PARIS).local_day == date(2026, 11, 3)
    assert stamped(late_evening, ZoneInfo("Asia/Tokyo"), PARIS).programme_day == date(2026, 11, 2)


@pytest.mark.parametrize(
    ("occurred_at", "future"),
    [
        pytest.param(datetime(2026, 11, 2, 12, 4, tzinfo=UTC), False, id="a clock a little ahead"),
        pytest.param(datetime(2026, 11, 2, 12, 6, tzinfo=UTC), True, id="a moment to come"),
        pytest.param(date(2026, 11, 2), False, id="today, although it ends later"),
        pytest.param(date(2026, 11, 3), True, id="tomorrow"),
    ],
)
def test_what_lies_in_the_future(occurred_at, future):
    noon = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)

    assert is_in_the_future(stamped(occurred_at, PARIS, PARIS), noon, PARIS) is future
