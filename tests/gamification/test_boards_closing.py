"""Closing the months and weeks of boards."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from gamification.boards.closing import close_due
from gamification.boards.scores import closed_periods
from gamification.boards.sets import BoardSet
from gamification.credit import credit, reverse
from gamification.ledger.activity import Activity
from gamification.ledger.intake import CATALOGUE_LOCK, hold_everything
from gamification.recognition import replay
from ground import clock
from ground.engine import DB, execute, fetchval
from ground.unit_of_work import unit_of_work
from tests.gamification.boards import Reader, publish_boards, somebody

BEGUN = datetime(2026, 10, 14, 9, 0, tzinfo=UTC)
# Midnight in Paris, two days into November.
DUE = datetime(2026, 11, 2, 23, 0, tzinfo=UTC)
OCTOBER = BoardSet("*", "2026-10")
LATE = timedelta(minutes=5)


@pytest.fixture
async def anna(database):
    with clock.frozen(BEGUN):
        await publish_boards()
        return await somebody()


async def posted(who, key, on, *, recorded):
    """Somebody posted on a day, and it was recorded then."""
    with clock.frozen(recorded):
        return await credit(
            Activity(member_id=who.id, kind="post", source="phone", key=key, occurred_at=on)
        )


async def points_in(board_set, who):
    with clock.frozen(DUE):
        own = (await Reader(who, board_set).reads()).own
    return 0 if own is None else own.points


async def test_nothing_is_closed_before_there_is_a_programme(database):
    assert await close_due(DUE) == []


async def test_a_month_is_closed_once_and_two_days_after_its_end(anna):
    with clock.frozen(DUE - timedelta(seconds=1)):
        assert "2026-10" not in await close_due(clock.now())
    with clock.frozen(DUE):
        assert await close_due(clock.now()) == ["2026-10"]
        assert await close_due(clock.now()) == []

    assert await closed_periods(["2026-10", "2026-11", "all_time"]) == {"2026-10": DUE}


async def test_all_that_was_missed_is_closed(anna):
    later = DUE + timedelta(days=31)
    with clock.frozen(later):
        closed = await close_due(later)

    assert sorted(closed) == [
        *("2026-10", "2026-11"),
        *(f"2026-W{week}" for week in range(42, 49)),
    ]


async def test_what_was_before_the_programme_stays_open_for_its_history(anna):
    with clock.frozen(DUE):
        await close_due(DUE)

    await posted(anna, "old", date(2026, 9, 3), recorded=DUE + LATE)

    assert await points_in(BoardSet("*", "2026-09"), anna) == 5


async def test_late_arrivals_count_until_then_and_not_after(anna):
    in_october = datetime(2026, 10, 31, 20, 0, tzinfo=UTC)
    await posted(anna, "1", in_october, recorded=DUE - LATE)
    with clock.frozen(DUE):
        await close_due(DUE)
    too_late = await posted(anna, "2", in_october, recorded=DUE + LATE)

    assert (too_late.status, too_late.points) == ("recorded", 5)
    assert await points_in(OCTOBER, anna) == 5
    assert await points_in(BoardSet("*", "all_time"), anna) == 10


async def test_taking_back_changes_no_closed_period(anna):
    in_october = datetime(2026, 10, 20, 20, 0, tzinfo=UTC)
    posted_then = await posted(anna, "1", in_october, recorded=in_october)
    with clock.frozen(DUE):
        await close_due(DUE)
    with clock.frozen(DUE + LATE):
        await reverse([posted_then.entry_id], reason="spam")

    assert await points_in(OCTOBER, anna) == 5
    assert await points_in(BoardSet("*", "all_time"), anna) == 0


async def test_replay_agrees_with_what_is_frozen(anna):  # I3
    in_october = datetime(2026, 10, 31, 20, 0, tzinfo=UTC)
    first = await posted(anna, "1", in_october, recorded=DUE - LATE)
    with clock.frozen(DUE):
        await close_due(DUE)
    await posted(anna, "2", in_october, recorded=DUE + LATE)
    with clock.frozen(DUE + LATE):
        await reverse([first.entry_id], reason="spam")
        assert await replay.check() == []


async def test_closing_waits_for_all_crediting_and_keeps_it_out(anna):
    with clock.frozen(DUE):
        async with unit_of_work():
            await execute("SELECT pg_advisory_xact_lock_shared($1)", CATALOGUE_LOCK)
            closing = asyncio.create_task(_apart(close_due(DUE)))
            await asyncio.sleep(0.2)
            assert not closing.done()
        assert "2026-10" in await closing

        async with unit_of_work():
            await hold_everything()
            crediting = asyncio.create_task(_apart(posted(anna, "1", BEGUN, recorded=DUE)))
            await asyncio.sleep(0.2)
            assert not crediting.done()
        await crediting
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 1


async def _apart(work):
    """Without the transaction of the test, as in another process."""
    DB.current_transaction.set(None)
    return await work


async def test_the_months_are_those_of_the_programmes_zone(anna):
    # In Paris it is November already.
    at_night = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    await posted(anna, "1", at_night, recorded=at_night)

    assert await points_in(BoardSet("*", "2026-11"), anna) == 5
    assert await points_in(OCTOBER, anna) == 0
