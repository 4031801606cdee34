"""Each tick of the schedule is one run, and what was missed is made up for or recorded (I18)."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ground import clock
from ground.engine import fetch, fetchval
from server.worker import ticking
from server.worker.cron import Due, Gap, Missed, cron, due
from server.worker.schedule import RUN_ONCE, SCHEDULE, SKIP, Scheduled
from server.worker.tasks import TASKS
from server.worker.ticking import keep_time_regularly, tick

# A Wednesday.
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EACH_MINUTE = Scheduled("test.note", "* * * * *", RUN_ONCE)
HOURLY = Scheduled("test.note", "7 * * * *", SKIP)


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        pytest.param("* * * * *", NOON, "11-25T12:01", id="each minute"),
        pytest.param("*/5 * * * *", NOON, "11-25T12:05", id="every five minutes"),
        pytest.param("7 * * * *", NOON + 7 * MINUTE, "11-25T13:07", id="hourly"),
        pytest.param("23 4 * * *", NOON, "11-26T04:23", id="each night"),
        pytest.param("0 6 * * 1", NOON, "11-30T06:00", id="on Mondays"),
        pytest.param("0 6 * * 0", NOON, "11-29T06:00", id="on Sundays"),
        pytest.param("0 6 1 * *", NOON, "12-01T06:00", id="monthly"),
        pytest.param("30 8,18 * * *", NOON, "11-25T18:30", id="twice a day"),
        pytest.param("0 0 29 2 *", NOON, "02-29T00:00", id="on leap days"),
    ],
)
def test_when_something_is_due_next(text, after, expected):
    assert cron(text).next_after(after).isoformat()[5:16] == expected


@pytest.mark.parametrize("text", ["* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "x * * * *"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        cron(text)


@pytest.mark.parametrize(
    ("line", "last", "now", "expected"),
    [
        pytest.param(
            EACH_MINUTE, NOON, NOON + 59 * MINUTE / 60, Due(NOON), id="nothing before its time"
        ),
        pytest.param(
            EACH_MINUTE, NOON, NOON + MINUTE, Due(NOON + MINUTE, runs=True), id="once at its time"
        ),
        pytest.param(
            EACH_MINUTE,
            NOON + HOUR,
            NOON,
            Due(NOON + HOUR),
            id="nothing again if a clock goes back",
        ),
        pytest.param(
            EACH_MINUTE,
            NOON,
            NOON + HOUR,
            Due(NOON + HOUR, runs=True, gap=Gap(NOON + MINUTE, NOON + 59 * MINUTE, 59)),
            id="one run makes up for an hour",
        ),
        pytest.param(
            HOURLY,
            NOON,
            NOON + 11 * MINUTE,
            Due(NOON + 7 * MINUTE, runs=True),
            id="a restart is no absence",
        ),
        pytest.param(
            HOURLY,
            NOON,
            NOON + 30 * MINUTE,
            Due(NOON + 7 * MINUTE, gap=Gap(NOON + 7 * MINUTE, NOON + 7 * MINUTE, 1)),
            id="what is skipped is skipped",
        ),
        pytest.param(
            HOURLY,
            NOON,
            NOON + 2 * HOUR + 8 * MINUTE,
            Due(
                NOON + 2 * HOUR + 7 * MINUTE,
                runs=True,
                gap=Gap(NOON + 7 * MINUTE, NOON + HOUR + 7 * MINUTE, 2),
            ),
            id="what is skipped goes on in time",
        ),
    ],
)
def test_what_becomes_of_ticks(line, last, now, expected):
    assert due(cron(line.cron), line.missed, last, now) == expected


async def jobs():
    return await fetchval("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'test.note'")


async def gaps():
    rows = await fetch("SELECT task, ticks, made_up FROM schedule_gap ORDER BY id")
    return [tuple(row) for row in rows]


async def test_a_tick_is_one_run_however_many_workers_see_it(database):
    """I18."""
    await tick(EACH_MINUTE, NOON)
    assert await jobs() == 0
    for minute in (1, 2):
        # Their clocks differ by some seconds.
        at = [NOON + minute * MINUTE + second * MINUTE / 60 for second in range(5)]
        found = await asyncio.gather(*(tick(EACH_MINUTE, moment) for moment in at))
        assert [each.runs for each in found].count(True) == 1
        assert await jobs() == minute


async def test_a_worker_that_wakes_up_late_runs_nothing_again(database):
    """I16, I18."""
    await tick(EACH_MINUTE, NOON)
    await tick(EACH_MINUTE, NOON + MINUTE)
    await tick(EACH_MINUTE, NOON + 2 * MINUTE)
    assert (await tick(EACH_MINUTE, NOON + MINUTE)).runs is False
    assert await jobs() == 2


@pytest.mark.parametrize(
    ("line", "runs", "recorded"),
    [
        pytest.param(EACH_MINUTE, 1, [("test.note", 149, True)], id="run once"),
        pytest.param(HOURLY, 0, [("test.note", 3, False)], id="skip"),
    ],
)
async def test_what_was_missed_is_run_once_or_recorded_as_skipped(database, line, runs, recorded):
    """I18."""
    await tick(line, NOON)
    back = NOON + 150 * MINUTE
    await asyncio.gather(*(tick(line, back) for _ in range(3)))
    assert (await jobs(), await gaps()) == (runs, recorded)


async def test_a_tick_whose_transaction_failed_is_still_due(database, monkeypatch):
    """I12, I18."""
    await tick(EACH_MINUTE, NOON)

    async def die(*_):
        raise OSError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(ticking.jobs, "defer", die)
        with pytest.raises(OSError, match="killed"):
            await tick(EACH_MINUTE, NOON + MINUTE)
    assert (await tick(EACH_MINUTE, NOON + MINUTE)).runs is True
    assert await jobs() == 1


async def test_two_workers_keep_time_together_through_an_outage(database, monkeypatch):
    """I18."""
    monkeypatch.setattr(ticking, "EVERY_SECONDS", 0.01)
    outages = iter([OSError("away")] * 3)
    hold = ticking.fetchval

    async def sometimes(*arguments):
        for outage in outages:
            raise outage
        return await hold(*arguments)

    monkeypatch.setattr(ticking, "fetchval", sometimes)
    with clock.frozen(NOON):
        workers = [asyncio.create_task(keep_time_regularly([EACH_MINUTE])) for _ in range(2)]
        await until("SELECT count(*) = 1 FROM schedule_tick")
        with clock.frozen(NOON + MINUTE):
            await until("SELECT count(*) = 1 FROM procrastinate_jobs")
            await asyncio.sleep(0.1)
        for worker in workers:
            worker.cancel()
        await asyncio.wait(workers)
    assert await jobs() == 1


async def until(question):
    async with asyncio.timeout(10):
        while not await fetchval(question):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def test_each_line_of_the_schedule_is_known_and_readable():
    names = [line.task for line in SCHEDULE]
    assert names == sorted(set(names))
    assert set(names) <= set(TASKS)
    assert all(cron(line.cron).next_after(NOON) > NOON for line in SCHEDULE)
    assert {line.missed for line in SCHEDULE} == set(Missed)
