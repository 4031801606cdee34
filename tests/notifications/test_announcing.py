"""What is announced is written with the transaction, in order, or not at all (I12)."""

import asyncio
from uuid import uuid4

import pytest

from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from notifications.announce import announce
from notifications.announcements import history
from notifications.announcements.events import EVENTS, Event
from tests.notifications.happening import Happened


async def said(channel):
    rows = await fetch(
        "SELECT position, data FROM announcement WHERE channel = $1 ORDER BY id", channel
    )
    return [tuple(row) for row in rows]


async def test_an_event_is_written_with_what_it_is_about(database):
    async with unit_of_work():
        announce("board:all", Happened(n=1))
        announce("board:all", Happened(n=2))
        assert await said("board:all") == []
    assert await said("board:all") == [(1, '{"n":1}'), (2, '{"n":2}')]


async def fail(n):
    async with unit_of_work():
        announce("board:all", Happened(n=n))
        raise ConnectionError


async def test_what_is_rolled_back_was_never_announced(database):
    """I12: and it leaves no gap."""
    with pytest.raises(ConnectionError):
        await fail(1)
    async with unit_of_work():
        announce("board:all", Happened(n=2))
    assert await said("board:all") == [(1, '{"n":2}')]


async def test_going_back_to_a_savepoint_forgets_what_was_announced(database):
    async with unit_of_work() as work:
        announce("board:all", Happened(n=1))
        work.start_again()
        announce("board:all", Happened(n=2))
    assert await said("board:all") == [(1, '{"n":2}')]


async def test_positions_rise_by_one_whoever_commits_first(database):
    """I21: in each channel without a gap, and nobody waits in a circle."""
    channels = ["board:a", "board:b", "challenge:1"]

    async def say(n):
        async with unit_of_work():
            for channel in channels if n % 2 else reversed(channels):
                announce(channel, Happened(n=n))
            await fetchval("SELECT pg_sleep($1)", (n % 3) / 1000)

    await asyncio.gather(*(say(n) for n in range(40)))
    for channel in channels:
        found = await said(channel)
        # Also in the order in which the relay takes them.
        assert [position for position, _ in found] == list(range(1, 41))
        assert len({data for _, data in found}) == 40


async def test_a_members_own_channel_begins_when_they_listen(database):
    """Nothing is written for who never had a snapshot to be kept right."""
    channel = f"member:{uuid4()}"
    async with unit_of_work():
        announce(channel, Happened(n=1))
    assert await said(channel) == []

    begun = await history.read(channel, None, 100)
    assert (begun.position, begun.said) == (0, [])
    async with unit_of_work():
        announce(channel, Happened(n=2))
    assert await said(channel) == [(1, '{"n":2}')]


async def test_who_begins_to_listen_waits_for_who_saw_nobody(database):
    """I21: a transaction that found no listener has ended when the listener reads a snapshot."""
    channel, looked, go_on = f"member:{uuid4()}", asyncio.Event(), asyncio.Event()

    async def write_late():
        async with unit_of_work():
            announce(channel, Happened(n=1))
            await execute("SELECT FROM announcement_listeners('{}')")
            looked.set()
            await go_on.wait()

    writing = asyncio.create_task(write_late())
    await looked.wait()
    opening = asyncio.create_task(history.read(channel, None, 100))
    await asyncio.sleep(0.05)
    assert not opening.done()
    go_on.set()
    await writing
    assert (await opening).position == 0


@pytest.mark.parametrize(
    ("after", "positions"),
    [
        pytest.param(None, [], id="who comes first begins where it is"),
        pytest.param(0, [1, 2, 3], id="from the beginning"),
        pytest.param(2, [3], id="what was missed"),
        pytest.param(3, [], id="nothing was missed"),
        pytest.param(4, None, id="a position of another history"),
        pytest.param(-1, None, id="no position at all"),
    ],
)
async def test_who_comes_back_gets_what_was_missed_or_is_told_to_reload(database, after, positions):
    async with unit_of_work():
        for n in range(3):
            announce("board:all", Happened(n=n))
    found = await history.read("board:all", after, 100)
    assert found.position == 3
    heard = None if found.said is None else [each.position for each in found.said]
    assert heard == positions
    assert (await history.read("board:all", after, 100, epoch="another")).said is None


async def test_more_than_asked_for_is_a_reload(database):
    async with unit_of_work():
        for n in range(3):
            announce("board:all", Happened(n=n))
    assert (await history.read("board:all", 0, 2)).said is None
    assert len((await history.read("board:all", 1, 2)).said) == 2


async def test_what_is_old_or_too_much_is_forgotten_once_it_was_relayed(database, monkeypatch):
    monkeypatch.setattr(history, "KEPT_OF_A_CHANNEL", 2)
    async with unit_of_work():
        for n in range(5):
            announce("board:all", Happened(n=n))
        announce("board:old", Happened(n=0))
    await history.forget()
    assert (await history.read("board:all", 0, 100)).said is not None

    await execute("UPDATE announcement SET relayed_at = said_at")
    await execute("UPDATE announcement SET said_at = '2020-01-01' WHERE channel = 'board:old'")
    await history.forget()
    assert [position for position, _ in await said("board:all")] == [4, 5]
    assert (await history.read("board:all", 2, 100)).said is None
    assert len((await history.read("board:all", 3, 100)).said) == 2
    assert (await history.read("board:old", 0, 100)).said is None


def test_two_kinds_of_event_dont_share_a_type():
    assert EVENTS["happened"] is Happened
    with pytest.raises(TypeError):
        type("Other", (Event,), {"type": "happened", "channels": (), "example": {}})
