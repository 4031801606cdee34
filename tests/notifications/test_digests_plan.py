"""When digests come: planned without a database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.attention.plan import Wishes
from notifications.attention.quiet import decent_from
from notifications.digests.plan import Often, looks_back_to, next_at, period_of, turn

PARIS = ZoneInfo("Europe/Paris")
WISHES = Wishes(zone=PARIS)
# A Wednesday.
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=PARIS)


def wishing(**more):
    return Wishes(zone=PARIS, **more)


@pytest.mark.parametrize(
    ("often", "wishes", "expected"),
    [
        (Often.DAILY, WISHES, "2026-11-26T09:00"),
        (Often.WEEKLY, WISHES, "2026-11-30T09:00"),
        (Often.MONTHLY, WISHES, "2026-12-01T09:00"),
        (Often.WEEKLY, wishing(quiet_days=frozenset({0})), "2026-12-01T08:00"),
        (Often.DAILY, wishing(quiet=(22 * 60, 11 * 60)), "2026-11-26T11:00"),
    ],
)
def test_a_digest_comes_in_the_morning_of_the_next_period_at_a_decent_hour(often, wishes, expected):
    local = next_at(NOON, often, wishes).astimezone(PARIS)
    assert local.isoformat()[:16] == expected


@pytest.mark.parametrize(
    "day", [datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)]
)
def test_nine_is_nine_when_the_clock_is_changed(day):
    found = next_at(day, Often.DAILY, WISHES)
    assert found.astimezone(PARIS).hour == 9
    assert found - next_at(day - timedelta(days=1), Often.DAILY, WISHES) != timedelta(days=1)


def test_who_was_never_planned_is_told_nothing_before_their_next_period():
    assert not turn(NOON, Often.WEEKLY, WISHES, None).is_now


def test_what_is_missed_while_down_comes_once_and_late():
    found = turn(NOON, Often.WEEKLY, WISHES, NOON - timedelta(days=16))
    assert found.is_now
    assert found.next_at == next_at(NOON, Often.WEEKLY, WISHES)


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (wishing(quiet_days=frozenset({2})), "2026-11-26T08:00"),
        (wishing(paused_until=NOON + timedelta(days=3)), "2026-11-28T12:00"),
        # Quiet on all days: it is looked at again with the next period.
        (wishing(quiet_days=frozenset(range(7))), "2026-11-30T09:00"),
    ],
)
def test_nobody_is_told_on_quiet_days_or_in_a_pause(wishes, expected):
    found = turn(NOON, Often.WEEKLY, wishes, NOON)
    assert not found.is_now
    assert found.next_at.astimezone(PARIS).isoformat()[:16] == expected


@pytest.mark.parametrize(
    ("often", "expected"),
    [(Often.DAILY, "2027-01-01"), (Often.WEEKLY, "2026-W53"), (Often.MONTHLY, "2027-01")],
)
def test_a_period_is_of_where_the_member_lives(often, expected):
    assert period_of(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), often, PARIS) == expected


def test_a_digest_looks_back_to_where_the_last_one_ended_but_not_for_long():
    week = timedelta(days=7)
    assert looks_back_to(NOON, Often.WEEKLY, None) == NOON - week
    assert looks_back_to(NOON, Often.WEEKLY, NOON - week / 2) == NOON - week / 2
    assert looks_back_to(NOON, Often.WEEKLY, NOON - 9 * week) == NOON - 2 * week


@given(
    minutes=st.integers(0, 60 * 24 * 800),
    often=st.sampled_from(Often),
    zone=st.sampled_from(["Europe/Paris", "Pacific/Apia", "America/Havana", "Asia/Kathmandu"]),
    quiet=st.tuples(st.integers(0, 1439), st.integers(0, 1439)),
    days=st.frozensets(st.integers(0, 6), max_size=6),
)
def test_the_next_moment_is_ahead_and_decent(minutes, often, zone, quiet, days):
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    wishes = Wishes(zone=ZoneInfo(zone), quiet=quiet, quiet_days=days)
    found = next_at(now, often, wishes)
    assert found > now
    assert found <= now + timedelta(days=31 + 9)
    assert decent_from(found, wishes.zone, quiet, days) == found
