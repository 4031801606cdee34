"""Announcements while relays die and Valkey goes away, under load (I13, I15, I21)."""

import asyncio
import logging
import time
from collections import defaultdict
from contextlib import asynccontextmanager

import pytest

from ground import valkey
from ground.engine import fetch, fetchval
from notifications.announcements import history
from notifications.announcements.wire import LIVE, unpacked
from tests.faults.installation import SECONDS_TO_START, freeze, kill_all, resume
from tests.faults.writers import acknowledged, writing

pytestmark = pytest.mark.long
log = logging.getLogger(__name__)

UNRELAYED = "SELECT count(*) FROM announcement WHERE relayed_at IS NULL"
CHANNELS = "SELECT channel, position FROM announcement_channel WHERE position > 0"


@pytest.fixture
async def heard(programme):
    """All members listen, and whatever is published is noted."""
    for row in await fetch("SELECT member_id FROM player"):
        await history.read(f"member:{row['member_id']}", None, 1)
    heard = defaultdict(list)
    listens = asyncio.Event()

    async def hear():
        async with valkey.client().pubsub() as ears:
            await ears.subscribe(LIVE)
            await ears.get_message(timeout=10)
            listens.set()
            while True:
                message = await ears.get_message(ignore_subscribe_messages=True, timeout=0.5)
                for said in unpacked(message["data"]) if message else ():
                    heard[said.channel].append(said.position)

    listening = asyncio.create_task(hear())
    async with asyncio.timeout(20):
        await listens.wait()
    yield heard
    listening.cancel()
    await asyncio.wait({listening})


@asynccontextmanager
async def longest_wait():
    """For how long anything waited at most until it was marked, looked at again and again."""
    waits = []

    async def look():
        while True:
            waits.append(await history.waiting_seconds())
            await asyncio.sleep(0.1)

    looking = asyncio.create_task(look())
    try:
        yield waits
    finally:
        looking.cancel()
        await asyncio.wait({looking})


def started(installation, name):
    """Start a worker, and wait until it works."""
    installation._start(name, "worker")
    log_of_it = installation.logs[-1]
    deadline = time.monotonic() + SECONDS_TO_START
    while "worker_ready" not in log_of_it.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)


async def until_all_is_relayed(seconds):
    async with asyncio.timeout(seconds):
        while await fetchval(UNRELAYED):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_relay_that_dies_is_replaced_within_two_seconds(catalogued, programme, heard):
    """I13, I15, I21: two workers, one of which is killed again and again.

    A machine that stalls adds to a wait what no relay can help: once or twice it may.
    """
    worst = []
    await until_all_is_relayed(10)
    said_before = {row["channel"]: row["position"] for row in await fetch(CHANNELS)}
    await asyncio.to_thread(started, catalogued, "other worker")
    try:
        with writing(catalogued.url, programme.key, programme.people, at_once=2) as writers:
            async with longest_wait() as waits:
                for turn in range(4):
                    before = len(waits)
                    await asyncio.sleep(2)
                    name = ("worker", "other worker")[turn % 2]
                    await asyncio.to_thread(catalogued.kill, name)
                    await asyncio.sleep(2)
                    await asyncio.to_thread(started, catalogued, name)
                    worst.append(max(waits[before:]))
        await until_all_is_relayed(10)
        await asyncio.sleep(0.5)
    finally:
        await asyncio.to_thread(catalogued.kill, "other worker")

    channels = await fetch(CHANNELS)
    repeats = sum(len(each) - len(set(each)) for each in heard.values())
    log.warning(
        "%d calls, %d events, waited at most %.2f s, %d heard twice",
        acknowledged(writers),
        sum(map(len, heard.values())),
        max(waits),
        repeats,
    )
    assert acknowledged(writers) > 10
    assert sorted(worst)[1] < 2
    assert max(waits) < 8
    of_members = [row for row in channels if row["channel"].startswith("member:")]
    assert of_members
    for row in of_members:
        before = said_before.get(row["channel"], 0)
        first_heard = [each for each in dict.fromkeys(heard[row["channel"]]) if each > before]
        assert first_heard == list(range(before + 1, row["position"] + 1))


async def take_away(installation):
    kill_all(installation.valkey)
    await asyncio.sleep(5)
    await asyncio.to_thread(installation.valkey.start_again)


async def stand_still(installation):
    freeze(installation.valkey)
    await asyncio.sleep(5)
    resume(installation.valkey)


@pytest.mark.parametrize("harm", [take_away, stand_still])
async def test_without_valkey_announcements_wait_and_then_go_on(catalogued, programme, harm):
    """I13, I20: nothing is marked that nobody could hear, and nothing is left behind."""
    for row in await fetch("SELECT member_id FROM player"):
        await history.read(f"member:{row['member_id']}", None, 1)
    with writing(catalogued.url, programme.key, programme.people, at_once=2):
        await asyncio.sleep(2)
        began = await fetchval("SELECT now()")
        await harm(catalogued)
        back = time.monotonic()
        ended = await fetchval("SELECT now()")
        await asyncio.sleep(2)
    await until_all_is_relayed(5)
    log.warning("all was relayed %.2f s after Valkey's return", time.monotonic() - back)
    # What was on its way when it went may have been published still.
    meanwhile = await fetchval(
        "SELECT count(*) FROM announcement"
        " WHERE relayed_at BETWEEN $1::timestamptz + interval '1.5 s' AND $2",
        began,
        ended,
    )
    assert meanwhile == 0
    assert await fetchval("SELECT count(*) FROM announcement WHERE said_at > $1", began) > 0
