"""Leaves a job to the workers at each tick of the schedule, once however many of them there are.

The last tick of each line is a row. Whoever moves it on leaves the job in the same transaction:
who dies before COMMIT did neither, and who wakes up late finds it moved on.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg
import structlog

from ground import clock, jobs
from ground.engine import execute, fetchval
from ground.unit_of_work import unit_of_work
from server.worker.cron import Due, Gap, cron, due
from server.worker.schedule import Scheduled

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 1.0

# A line that is new counts from now on.
HOLD: Final = """
INSERT INTO schedule_tick AS t (task, ticked_at) VALUES ($1, $2)
ON CONFLICT (task) DO UPDATE SET ticked_at = t.ticked_at RETURNING ticked_at
"""

MISSED: Final = """
WITH forgotten AS (
    DELETE FROM schedule_gap WHERE noted_at < $5::timestamptz - interval '1 year'
)
INSERT INTO schedule_gap (task, first_at, last_at, ticks, made_up, noted_at)
VALUES ($1, $2, $3, $4, $6, $5)
"""


async def tick(line: Scheduled, now: datetime) -> Due:
    """Do what is due of a line. Return what that was."""
    async with unit_of_work():
        last = await fetchval(HOLD, line.task, now)
        found = due(cron(line.cron), line.missed, last, now)
        if found.ticked_at > last:
            await execute(
                "UPDATE schedule_tick SET ticked_at = $2 WHERE task = $1",
                line.task,
                found.ticked_at,
            )
        if found.runs:
            await jobs.defer(line.task, {})
        if found.gap is not None:
            await _note(line, found.gap, now, made_up=found.runs)
    return found


async def _note(line: Scheduled, gap: Gap, now: datetime, *, made_up: bool) -> None:
    await execute(MISSED, line.task, gap.first_at, gap.last_at, gap.ticks, now, made_up)
    log.info("ticks_missed", task=line.task, ticks=gap.ticks, made_up=made_up)


async def keep_time_regularly(schedule: Sequence[Scheduled]) -> None:
    """Tick until cancelled. An outage only interrupts, and what it missed is made up for."""
    upcoming: dict[str, datetime] = {}
    is_interrupted = False
    while True:
        now = clock.now()
        try:
            for line in schedule:
                if upcoming.get(line.task, now) <= now:
                    found = await tick(line, now)
                    upcoming[line.task] = cron(line.cron).next_after(found.ticked_at)
            is_interrupted = False
        except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresError) as failure:
            if not is_interrupted:
                log.warning("ticks_interrupted", reason=type(failure).__name__)
            is_interrupted = True
        await asyncio.sleep(EVERY_SECONDS)
