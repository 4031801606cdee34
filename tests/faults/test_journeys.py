"""Journeys while the workers that let them go on are killed in the middle (I14)."""

import asyncio
import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from notifications.journeys import running
from notifications.journeys.happened import happened

pytestmark = pytest.mark.long

MEMBERS, WORKERS = 2_000, 3
WORKER = """
import asyncio, sys
from contextlib import suppress
import asyncpg
from datetime import timedelta
from ground import clock
from ground.engine import connect_to, open_pool
from notifications.journeys import running

async def work():
    connect_to(sys.argv[1])
    await open_pool()
    print("there", flush=True)
    sys.stdin.readline()
    with clock.shifted(timedelta(days=int(sys.argv[2]))):
        while True:
            # As jobs are tried again.
            with suppress(OSError, TimeoutError, asyncpg.PostgresError):
                await running.by_the_clock()

async def slowly(now):
    went = await go_on(now)
    await asyncio.sleep(0.05)
    return went

# So that there is a middle to be killed in, also on a busy machine.
running.AT_ONCE, go_on, running._go_on = 25, running._go_on, slowly
asyncio.run(work())
"""


def started(database_url, days):
    """Some workers that begin at the same moment."""
    command = [sys.executable, "-c", WORKER, database_url, str(days)]
    pipe = subprocess.PIPE
    workers = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "there\n"
    for worker in workers:
        worker.stdin.write("begin\n")
        worker.stdin.flush()
    return workers


async def steps_said():
    return await fetchval("SELECT count(*) FROM journey_step")


async def test_each_step_is_said_once_whoever_dies_meanwhile(database, database_url):
    """I14: three workers, killed again and again, each time further on."""
    chance = random.Random(14)
    members = [UUID(int=number) for number in range(1, MEMBERS + 1)]
    await execute("INSERT INTO preferences (member_id) SELECT m FROM unnest($1::uuid[]) m", members)
    async with unit_of_work():
        for member in members:
            happened(member, "joined")
    killed_in_the_middle = 0
    for days, steps in ((0, 1), (2, 2), (7, 3)):
        for quarter in range(4):
            least = MEMBERS * (steps - 1) + MEMBERS * quarter // 4 + chance.randrange(MEMBERS // 8)
            workers = await asyncio.to_thread(started, database_url, days)
            async with asyncio.timeout(60):
                while await steps_said() < least:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
            for worker in workers:
                worker.kill()
            for worker in workers:
                worker.communicate()
            killed_in_the_middle += MEMBERS * (steps - 1) < await steps_said() < MEMBERS * steps
        with clock.shifted(timedelta(days=days)):
            await running.by_the_clock()
        assert await steps_said() == MEMBERS * steps
    told = Counter(row["once"] for row in await fetch("SELECT once FROM notification"))
    assert len(told) == 3 * MEMBERS
    assert set(told.values()) == {1}
    assert killed_in_the_middle >= 6, "hardly anybody was killed in the middle of it"
