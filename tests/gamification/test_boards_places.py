"""What is decided about boards without asking anybody: places, cursors, periods."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.boards.closing import periods_to_close
from gamification.boards.cursor import Position, Snapshot, position
from gamification.boards.places import places
from gamification.boards.sets import BoardSet, readable_periods
from gamification.boards.windows import Around
from ground import cursors
from ground.errors import CursorInvalid

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MONTH = BoardSet("*", "2026-11")
WEEK = BoardSet("*", "2026-W47")
PARIS = ZoneInfo("Europe/Paris")


@given(st.lists(st.integers(1, 6), min_size=1, max_size=30), st.data())
def test_a_place_is_one_more_than_those_with_more_points(numbers, data):  # I11
    numbers.sort(reverse=True)
    start = data.draw(st.integers(0, len(numbers) - 1))
    stop = data.draw(st.integers(start + 1, len(numbers)))
    part = numbers[start:stop]
    above = sum(number > part[0] for number in numbers)
    through = sum(number >= part[0] for number in numbers)

    assert places(part, above, through) == [
        1 + sum(other > number for other in numbers) for number in part
    ]


def test_nobody_has_no_place():
    assert places([], 0, 0) == []


@pytest.mark.parametrize(
    ("limit", "around"),
    [
        pytest.param(1, Around(0, 0), id="only oneself"),
        pytest.param(3, Around(1, 1), id="one on either side"),
        pytest.param(9, Around(4, 4), id="four on either side"),
        pytest.param(20, Around(15, 4), id="never the fifth behind, who may be the last"),
    ],
)
def test_around(limit, around):
    assert Around.within(limit) == around


def test_a_snapshot_saw_what_was_committed_then():
    snapshot = Snapshot.read("100:110:103,107")

    assert [number for number in range(98, 113) if not snapshot.saw(number)] == [
        *(103, 107),
        *(110, 111, 112),
    ]


def test_with_many_open_transactions_all_since_the_oldest_count_as_unseen():
    snapshot = Snapshot.read("100:130:" + ",".join(map(str, range(101, 121))))

    assert not snapshot.saw(100)
    assert snapshot.saw(99)
    assert snapshot.open_ones == ()


def test_a_cursor_leads_to_where_it_was_given_out():
    given_out = Position(MONTH, 25, uuid4(), NOW, Snapshot(100, 110, (103,)))

    assert position(given_out.encoded(), [WEEK, MONTH], NOW) == given_out
    assert len(given_out.encoded()) < 400


@pytest.mark.parametrize(
    ("candidates", "later", "reason"),
    [
        pytest.param([WEEK], timedelta(), "another board", id="of another board"),
        pytest.param([], timedelta(), "another board", id="of no board"),
        pytest.param([MONTH], timedelta(days=1, seconds=1), "a day old", id="too old"),
        pytest.param([MONTH], timedelta(minutes=-6), "a day old", id="from the future"),
    ],
)
def test_a_cursor_is_refused(candidates, later, reason):
    cursor = Position(MONTH, 25, uuid4(), NOW, Snapshot(100, 110, ())).encoded()

    with pytest.raises(CursorInvalid, match=reason):
        position(cursor, candidates, NOW + later)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((), id="empty"),
        pytest.param(("c",), id="of another list"),
        pytest.param(("d", 2**70, "a", 1, 1, 1, []), id="a number that no database holds"),
        pytest.param(("d", -1, "a", 1, 1, 1, []), id="negative points"),
        pytest.param(("d", 1, "a" * 99, 1, 1, 1, []), id="a long alias"),
    ],
)
def test_what_no_board_gave_out_is_refused(parts):
    with pytest.raises(CursorInvalid):
        position(cursors.encode(*parts), [MONTH], NOW)


def test_an_alias_that_is_none_is_refused():
    good = Position(MONTH, 25, UUID(int=7), NOW, Snapshot(1, 2, ())).encoded()
    digest = cursors.decode(good, str, int, str, int, int, int, list[int])[0]
    forged = cursors.encode(digest, 25, "not-an-alias", int(NOW.timestamp()), 1, 2, [])

    with pytest.raises(CursorInvalid):
        position(forged, [MONTH], NOW)


def test_periods_that_can_be_read():
    assert readable_periods(date(2026, 1, 2)) == [
        "all_time",
        *("2026-01", "2025-12"),
        *("2026-W01", "2025-W52"),
    ]
    assert readable_periods(date(2026, 1, 2), "month") == ["all_time", "2026-01", "2025-12"]
    assert readable_periods(date(2026, 1, 2), "all_time") == ["all_time"]


def paris(*parts):
    return datetime(*parts, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("begun", "now", "closed"),
    [
        pytest.param(
            paris(2026, 11, 2, 10),
            paris(2026, 11, 10, 23, 59),
            [],
            id="the week isn't over for 48 hours yet",
        ),
        pytest.param(
            paris(2026, 11, 2, 10),
            paris(2026, 11, 11, 0),
            ["2026-W45"],
            id="48 hours to the minute",
        ),
        pytest.param(
            paris(2026, 9, 28, 10),
            paris(2026, 11, 21, 10),
            [
                *("2026-09", "2026-10"),
                *("2026-W40", "2026-W41", "2026-W42", "2026-W43", "2026-W44", "2026-W45"),
                "2026-W46",
            ],
            id="all that were missed",
        ),
        pytest.param(
            paris(2026, 12, 31, 23, 30),
            paris(2027, 1, 6, 1),
            ["2026-12", "2026-W53"],
            id="a year with 53 weeks",
        ),
        pytest.param(
            paris(2026, 3, 20),
            paris(2026, 4, 3, 0),
            ["2026-03", *("2026-W12", "2026-W13")],
            id="the clocks went forward on the last Sunday of March",
        ),
        pytest.param(
            paris(2026, 3, 27),
            paris(2026, 4, 1, 0),
            ["2026-W13"],
            id="48 hours after the night of 23 hours",
        ),
        pytest.param(
            paris(2026, 10, 20),
            paris(2026, 10, 27, 23, 59),
            [],
            id="48 hours after the night of 25 hours",
        ),
    ],
)
def test_periods_are_closed_two_days_after_their_end(begun, now, closed):
    assert list(periods_to_close(begun, now, PARIS)) == closed


def test_a_period_ends_at_the_programmes_midnight():
    begun = datetime(2026, 11, 20, tzinfo=UTC)
    tokyo = ZoneInfo("Asia/Tokyo")
    midnight = datetime(2026, 12, 3, 0, 0, tzinfo=tokyo)

    assert "2026-11" not in periods_to_close(begun, midnight - timedelta(seconds=1), tokyo)
    assert "2026-11" in periods_to_close(begun, midnight, tokyo)
    assert "2026-11" not in periods_to_close(begun, midnight, PARIS)
