"""What was committed is published, in order, whoever relays it and whatever goes away."""

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import asyncpg
import pytest
from structlog.testing import capture_logs

from ground import clock, valkey
from ground.engine import fetchval, require_pool
from ground.unit_of_work import unit_of_work
from notifications.announce import announce
from notifications.announcements.history import waiting_seconds
from notifications.announcements.wire import LIVE, unpacked
from server.worker import relay
from server.worker.relay import AT_ONCE, Relayed, Stalls, relay_once, relay_regularly
from tests.notifications.happening import Happened


@asynccontextmanager
async def hearing():
    """What is published in the meantime, in the order in which it is heard."""
    heard = []

    async def hear(ears):
        async for message in ears.listen():
            if message["type"] == "message":
                heard.extend(unpacked(message["data"]))

    async with valkey.client().pubsub() as ears:
        await ears.subscribe(LIVE)
        task = asyncio.create_task(hear(ears))
        try:
            yield heard
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(holds, seconds=5):
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def say(channel, *numbers):
    async with unit_of_work():
        for n in numbers:
            announce(channel, Happened(n=n))


async def unrelayed():
    return await fetchval("SELECT count(*) FROM announcement WHERE relayed_at IS NULL")


async def until_all_is_marked():
    async with asyncio.timeout(5):
        while await unrelayed():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@asynccontextmanager
async def relays(count=1):
    running = [asyncio.create_task(relay_regularly()) for _ in range(count)]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_what_was_announced_is_published_as_it_was_said(database):
    await say("board:all", 1, 2)
    async with hearing() as heard:
        assert (await relay_once()).events == 2
        await until(lambda: len(heard) == 2)
    first, second = heard
    assert (first.channel, first.position, first.type) == ("board:all", 1, "happened")
    assert (bytes(second.data), second.position) == (b'{"n":2}', 2)
    epoch = await fetchval("SELECT epoch FROM announcement_channel")
    assert first.epoch == second.epoch == epoch != ""
    assert (await relay_once()).events == 0


async def test_each_channel_is_heard_in_order_and_each_event_once(database, monkeypatch):
    """I13: whoever commits first, with two relays at work."""
    monkeypatch.setattr(relay, "AT_ONCE", 7)
    channels = ["board:a", "board:b", "staff"]
    async with hearing() as heard, relays(2):
        await asyncio.gather(*(say(channel, n, n) for n in range(15) for channel in channels))
        await until(lambda: len(heard) >= 90, seconds=20)
        await until_all_is_marked()
    for channel in channels:
        mine = [said.position for said in heard if said.channel == channel]
        assert mine == list(range(1, 31))


async def test_the_bell_wakes_the_relay(database, monkeypatch):
    monkeypatch.setattr(relay, "EVERY_SECONDS", 60)
    async with hearing() as heard, relays():
        await asyncio.sleep(0.3)
        await say("board:all", 1)
        await until(lambda: heard, seconds=5)


async def test_without_a_bell_the_clock_does(database, monkeypatch):
    """I13: the bell is for speed alone."""
    monkeypatch.setattr("notifications.announce.BELL", "nobody-hears-it")
    async with hearing() as heard, relays():
        await asyncio.sleep(0.3)
        await say("board:all", 1)
        await until(lambda: heard, seconds=5)


async def test_without_valkey_nothing_is_marked_and_all_is_published_later(
    database, monkeypatch, caplog
):
    """I13, I20: an announcement waits in PostgreSQL for as long as it takes."""

    async def is_away(_command, **_):
        raise valkey.ValkeyAway

    with monkeypatch.context() as away:
        away.setattr(valkey, "ask", is_away)
        async with relays():
            await say("board:all", 1, 2)
            await asyncio.sleep(0.1)
            assert await unrelayed() == 2
    async with hearing() as heard, relays():
        await until(lambda: len(heard) == 2)


async def test_who_holds_the_lock_and_hangs_is_replaced(database, monkeypatch):
    """I15: a relay that stopped in the middle loses its turn within two seconds, and its mark."""
    await say("board:all", 1)
    stuck = asyncio.Event()
    asked = valkey.ask

    async def hang(command, **_):
        stuck.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(valkey, "ask", hang)
    hanging = asyncio.create_task(relay_once())
    await stuck.wait()
    monkeypatch.setattr(valkey, "ask", asked)
    assert await relay_once() is None

    async with hearing() as heard, relays():
        await until(lambda: heard, seconds=3)
        await until_all_is_marked()
    hanging.cancel()
    with suppress(asyncio.CancelledError, asyncpg.InterfaceError):
        await hanging
    assert require_pool().get_size() - require_pool().get_idle_size() == 0


async def test_how_long_something_waits_is_known(client):
    assert await waiting_seconds() == 0
    await say("board:all", 1)
    with clock.shifted(timedelta(hours=1)):
        assert await waiting_seconds() > 3_000
        figures = (await client.get("/metrics")).text
    [waited] = re.findall(r"^ambassade_announcements_waiting_seconds (.*)$", figures, re.MULTILINE)
    assert float(waited) > 3_000
    await relay_once()
    assert await waiting_seconds() == 0


@pytest.mark.parametrize("at_once", [1, 3])
async def test_batches_dont_change_the_order(database, at_once):
    await say("board:all", *range(7))
    async with hearing() as heard:
        while (await relay_once(at_once)).events:
            pass
        await until(lambda: len(heard) == 7)
    assert [said.position for said in heard] == list(range(1, 8))


def test_what_waited_for_the_first_relay_is_nobodys_delay():
    stalls = Stalls()
    with capture_logs() as logs:
        for relayed in (Relayed(AT_ONCE, 9.0), Relayed(3, 8.0), Relayed(0), Relayed(1, 3.0)):
            stalls.note(relayed)
        stalls.interrupted("valkey away")
        stalls.note(Relayed(1, 5.0))
    assert [(each["event"], each["log_level"]) for each in logs] == [
        ("relay_catches_up", "info"),
        ("relay_catches_up", "info"),
        ("relay_late", "warning"),
        ("relay_interrupted", "warning"),
        ("relay_goes_on", "info"),
    ]
