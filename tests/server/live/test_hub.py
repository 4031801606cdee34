"""Who hears what: no gap, no repeat, whatever Redis loses, doubles or reorders (I21)."""

import asyncio
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.announcements.history import History
from notifications.announcements.wire import Said
from server.live.channel import Channel
from server.live.frames import payload_of
from server.live.hub import Hub

BOARD = "board:all"


def said(position, epoch="e", channel=BOARD):
    data = msgspec.Raw(str(position).encode())
    return Said(channel=channel, epoch=epoch, position=position, type="moved", data=data)


class Archive:
    """PostgreSQL, as far as the hub knows it."""

    def __init__(self, position=0, kept=1_000):
        self.position, self.epoch, self.kept = position, "e", kept
        self.reads = 0

    async def opened(self, channel):
        await asyncio.sleep(0)
        return self.position, self.epoch

    async def standing(self, channels):
        return dict.fromkeys(channels, (self.position, self.epoch))

    async def missed(self, channel, after):
        self.reads += 1
        found = [said(p, self.epoch) for p in range(after + 1, self.position + 1)]
        await asyncio.sleep(0)
        gone = len(found) > self.kept or after > self.position
        return History(
            self.position if not found else found[-1].position, self.epoch, None if gone else found
        )


class Ear:
    """A socket that writes down what it hears."""

    def __init__(self, after=None):
        self.after = after
        self.wires = []
        self.messages = 0

    def write(self, wire, messages):
        self.wires.append(wire)
        self.messages += messages

    @property
    def frames(self):
        found = []
        for wire in self.wires:
            while wire:
                length = min(126, wire[1])
                size = 2 + length if length < 126 else 4 + int.from_bytes(wire[2:4])
                found.append(payload_of(wire[:size]))
                wire = wire[size:]
        return found

    @property
    def positions(self):
        return [frame["position"] for frame in self.frames if frame["is"] == "event"]

    def assert_nothing_is_missing(self):
        """I21: +1 each, from `subscribed` on, or a reload that says where it goes on."""
        at = self.after
        for number, frame in enumerate(self.frames):
            if frame["is"] == "subscribed":
                assert number == 0
            elif frame["is"] == "reload":
                at = frame["position"]
            else:
                assert at is None or frame["position"] == at + 1, self.frames
                at = frame["position"]


@asynccontextmanager
async def hub_of(archive):
    hub = Hub(archive)
    running = asyncio.create_task(hub.run())
    try:
        yield hub
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def settled(hub):
    for _ in range(200):
        await asyncio.sleep(0.001)
        if not any(c.pending or c.is_behind for c in hub.channels.values()):
            return
    raise AssertionError("the hub doesn't come to rest")


async def test_who_subscribes_hears_what_comes_then():
    archive = Archive(position=7)
    async with hub_of(archive) as hub:
        ear = Ear()
        await hub.join(ear, BOARD, None, None)
        hub.hear(said(8))
        await settled(hub)
    assert ear.frames[0] == {
        "is": "subscribed", "channel": BOARD, "position": 7, "epoch": "e"
    }  # fmt: skip
    assert ear.frames[1] == {
        "is": "event", "channel": BOARD, "position": 8, "type": "moved", "data": 8
    }  # fmt: skip
    assert archive.reads == 0


async def test_who_comes_back_gets_what_they_missed_in_one_write():
    async with hub_of(Archive(position=7)) as hub:
        ear = Ear()
        await hub.join(ear, BOARD, 4, "e")
    assert ear.positions == [5, 6, 7]
    assert len(ear.wires) == 1
    assert ear.frames[0]["position"] == 7


async def test_who_comes_back_soon_costs_postgresql_nothing():
    archive = Archive(position=7)
    async with hub_of(archive) as hub:
        await hub.join(Ear(), BOARD, None, None)
        for position in range(8, 60):
            hub.hear(said(position))
        await settled(hub)
        ear = Ear()
        await hub.join(ear, BOARD, 9, "e")
    assert ear.positions == list(range(10, 60))
    assert archive.reads == 0


@pytest.mark.parametrize(
    ("after", "epoch"),
    [
        pytest.param(3, "another", id="an epoch that isn't this one"),
        pytest.param(3, "e", id="so long ago that it is gone"),
        pytest.param(9_000, "e", id="more than there ever was"),
    ],
)
async def test_who_missed_what_is_gone_is_told_to_reload(after, epoch):
    async with hub_of(Archive(position=7, kept=3)) as hub:
        ear = Ear()
        await hub.join(ear, BOARD, after, epoch)
        hub.hear(said(8))
        await settled(hub)
    assert [frame["is"] for frame in ear.frames] == ["subscribed", "reload", "event"]
    assert ear.frames[1] == {"is": "reload", "channel": BOARD, "position": 7, "epoch": "e"}


async def test_what_redis_lost_is_read_from_postgresql():
    archive = Archive(position=0)
    async with hub_of(archive) as hub:
        ear = Ear()
        await hub.join(ear, BOARD, None, None)
        archive.position = 5
        hub.hear(said(5))
        await settled(hub)
        assert ear.positions == [1, 2, 3, 4, 5]

        archive.position = 7
        await hub.compare()
        await settled(hub)
    assert ear.positions == [1, 2, 3, 4, 5, 6, 7]


async def test_a_history_that_began_anew_is_told_to_everybody():
    archive = Archive(position=9)
    async with hub_of(archive) as hub:
        ear = Ear()
        await hub.join(ear, BOARD, None, None)
        archive.position, archive.epoch = 2, "f"
        hub.hear(said(2, "f"))
        await settled(hub)
        archive.position = 3
        hub.hear(said(3, "f"))
        await settled(hub)
    assert [(f["is"], f["position"]) for f in ear.frames[1:]] == [("reload", 2), ("event", 3)]
    assert ear.frames[1]["epoch"] == "f"


async def test_who_leaves_hears_no_more_and_nobody_is_kept():
    async with hub_of(Archive()) as hub:
        ear, other = Ear(), Ear()
        await hub.join(ear, BOARD, None, None)
        await hub.join(other, BOARD, None, None)
        hub.leave(ear, BOARD)
        hub.leave(ear, BOARD)
        hub.hear(said(1))
        await settled(hub)
        assert (ear.positions, other.positions) == ([], [1])
        hub.leave(other, BOARD)
        assert hub.channels == {}


async def test_many_messages_are_written_once_a_client():
    async with hub_of(Archive()) as hub:
        ears = [Ear() for _ in range(1_200)]
        for ear in ears:
            await hub.join(ear, BOARD, None, None)
        for position in range(1, 21):
            hub.hear(said(position))
        await settled(hub)
        await asyncio.sleep(0.01)
    assert {len(ear.wires) for ear in ears} == {2}
    assert all(ear.positions == list(range(1, 21)) for ear in ears)


async def test_an_own_channel_is_called_me():
    channel = Channel("member:6f1d3c0a")
    assert channel.shown == "me"


class Broken(Archive):
    """Away at first."""

    async def opened(self, channel):
        if self.reads == 0:
            self.reads = 1
            raise ConnectionRefusedError
        return await super().opened(channel)


async def test_a_channel_that_could_not_be_opened_can_be_later():
    async with hub_of(Broken(position=3)) as hub:
        with pytest.raises(ConnectionRefusedError):
            await hub.join(Ear(), BOARD, None, None)
        assert hub.channels == {}
        ear = Ear()
        await hub.join(ear, BOARD, None, None)
    assert ear.frames[0]["position"] == 3


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("commit"), st.integers(1, 4)),
        st.tuples(st.just("publish"), st.integers(0, 30)),
        st.tuples(st.just("join"), st.integers(0, 30)),
        st.tuples(st.just("leave"), st.integers(0, 5)),
        st.tuples(st.just("rest"), st.just(0)),
        st.tuples(st.just("compare"), st.just(0)),
    ),
    max_size=30,
)


class Story:
    """Redis says anything that was committed, in any order, any number of times, or never."""

    def __init__(self, hub, archive):
        self.hub, self.archive = hub, archive
        self.here, self.gone = [], []

    async def commit(self, number):
        self.archive.position += number

    async def publish(self, number):
        if self.archive.position:
            self.hub.hear(said(1 + number % self.archive.position))

    async def join(self, number):
        ear = Ear(after=min(number, self.archive.position))
        self.here.append(ear)
        await self.hub.join(ear, BOARD, ear.after, "e")

    async def leave(self, number):
        if self.here:
            ear = self.here.pop(number % len(self.here))
            self.hub.leave(ear, BOARD)
            self.gone.append(ear)

    async def rest(self, number):
        await settled(self.hub)

    async def compare(self, number):
        await self.hub.compare()


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_whatever_is_lost_doubled_or_reordered_nobody_has_a_gap(steps):
    """I21: and in the end everybody has everything."""

    async def told():
        archive = Archive(kept=6)
        async with hub_of(archive) as hub:
            story = Story(hub, archive)
            for what, number in steps:
                await getattr(story, what)(number)
            await hub.compare()
            await settled(hub)
        for ear in story.here:
            assert ear.frames[-1]["position"] == archive.position, ear.frames
        for ear in story.here + story.gone:
            ear.assert_nothing_is_missing()

    asyncio.run(told())
