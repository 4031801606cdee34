"""The load of sockets: a process that holds them all, says things, and counts who hears them.

It learns the size of a frame from the first one, and from then on counts bytes; a look at each
frame would cost more than giving it out. `benchmarks.sockets` talks to it.
"""

import asyncio
import select
import socket
import sys
from collections.abc import Callable, Sequence
from time import perf_counter, process_time
from typing import BinaryIO, Final, Literal

import msgspec
from redis import Redis

from benchmarks.lines import CHUNK, FIN_TEXT, PING, Line, Lost, cut, masked
from notifications.announcements.wire import LIVE, Said, packed
from server.live.frames import Happened

Kind = Literal["live", "plain", "socket.io"]
PATHS: Final[dict[Kind, str]] = {
    "live": "/live",
    "plain": "/feed",
    "socket.io": "/socket.io/?EIO=4&transport=websocket",
}
# So many connect at the same time.
AT_ONCE: Final = 32
# Of so many clients one's clock is read.
SAMPLED: Final = 8
PATIENCE: Final = 15.0
TYPE: Final = "bench_turned"
DATA: Final = msgspec.Raw(msgspec.json.encode({"filling": "x" * 100}))


class Plan(msgspec.Struct, kw_only=True):
    """Where to connect, and how things are said there: through Redis, or a feed."""

    kind: Kind
    port: int
    channel: str
    redis_url: str = ""
    feed: str = ""
    # Where the channel is: every position has as many digits as the next.
    epoch: str = ""
    position: int = 1_000_000


class Connect(msgspec.Struct, tag=True):
    """So many more clients. Whoever is told to come back in a moment takes another ticket."""

    clients: int
    tickets: list[str]


class Stream(msgspec.Struct, tag=True):
    """Say so much at a time, while no more than so many of these are under way."""

    batch: int
    window: int
    seconds: float


class Watch(msgspec.Struct, tag=True):
    """Hear so many events that others say."""

    events: int


class Done(msgspec.Struct, kw_only=True):
    """What came of it."""

    seconds: float = 0.0
    deliveries: int = 0
    # Milliseconds, of one client in eight.
    latencies: list[float] = []
    processor_seconds: float = 0.0
    # Of each event, when it was heard.
    heard_at: list[list[float]] = []
    failure: str = ""


class Client:
    """A socket that is connected."""

    __slots__ = ("frames", "is_sampled", "rest", "socket")

    def __init__(self, line: Line, *, is_sampled: bool) -> None:
        self.socket = line.socket
        self.rest = line.rest
        self.frames = 0
        self.is_sampled = is_sampled


class Crowd:
    """All clients."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.position = plan.position
        self.clients: dict[int, Client] = {}
        self.size = 0
        self.total = 0
        self.note: Callable[[Client, int], None] = lambda _client, _frames: None
        self._poll = select.epoll()
        self._buffer = bytearray(CHUNK)
        self._view = memoryview(self._buffer)
        self._say = through_redis(plan) if plan.redis_url else through_feed(plan)

    async def connect(self, clients: int, tickets: Sequence[str]) -> None:
        """Let clients in."""
        gate, waiting = asyncio.Semaphore(AT_ONCE), iter(tickets)

        async def one() -> Line:
            async with gate:
                for ticket in waiting:
                    try:
                        return await joined(self.plan, ticket)
                    except Lost:
                        await asyncio.sleep(0.2)
            raise Lost("too many were sent away")

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one()) for _ in range(clients)]
        for task in tasks:
            line = task.result()
            client = Client(line, is_sampled=len(self.clients) % SAMPLED == 0)
            self.clients[line.socket.fileno()] = client
            self._poll.register(line.socket, select.EPOLLIN)

    def stream(self, order: Stream) -> Done:
        """Say things, and count what is heard of them."""
        self._begin()
        clients, sent, latencies = len(self.clients), list[float](), list[float]()

        def note(client: Client, frames: int) -> None:
            if client.is_sampled:
                now = perf_counter()
                for at in sent[client.frames : client.frames + frames]:
                    latencies.append((now - at) * 1000)

        self.note = note
        ahead = (order.window - 1) * order.batch
        began, used = perf_counter(), process_time()
        until = began + order.seconds
        while True:
            if perf_counter() < until:
                while self.total >= (len(sent) - ahead) * clients:
                    sent.extend([perf_counter()] * order.batch)
                    self._speak(order.batch)
            elif self.total >= len(sent) * clients:
                break
            self._hear()
        return Done(
            seconds=perf_counter() - began,
            deliveries=self.total,
            latencies=latencies,
            processor_seconds=process_time() - used,
        )

    def watch(self, order: Watch) -> Done:
        """Hear what others say."""
        self._begin()
        heard_at: list[list[float]] = [[] for _ in range(order.events)]

        def note(client: Client, frames: int) -> None:
            now = perf_counter()
            for times in heard_at[client.frames : client.frames + frames]:
                times.append(now)

        self.note = note
        while self.total < order.events * len(self.clients):
            self._hear()
        return Done(deliveries=self.total, heard_at=heard_at)

    def _begin(self) -> None:
        self.total = 0
        for client in self.clients.values():
            client.frames = 0

    def _speak(self, messages: int) -> None:
        said = range(self.position + 1, self.position + messages + 1)
        self.position += messages
        self._say(said)

    def _hear(self) -> None:
        ready = self._poll.poll(PATIENCE, 1024)
        if not ready:
            raise Lost(f"nothing was heard for {PATIENCE:.0f} s, after {self.total} deliveries")
        for number, _ in ready:
            client = self.clients[number]
            count = client.socket.recv_into(self._buffer)
            if not count:
                raise Lost("a client was closed")
            if client.rest or not self.size or count % self.size or self._buffer[0] != FIN_TEXT:
                frames = self._look(client, bytes(self._view[:count]))
            else:
                frames = count // self.size
            if frames:
                self.note(client, frames)
                client.frames += frames
                self.total += frames

    def _look(self, client: Client, data: bytes) -> int:
        """Frames that came in pieces, or with a ping among them."""
        found, client.rest = cut(client.rest + data)
        frames = 0
        for first, payload in found:
            if first == FIN_TEXT:
                frames += 1
                self.size = len(payload) + (2 if len(payload) < 126 else 4)
            elif first == PING:
                client.socket.sendall(masked(payload, 0x8A))
            else:
                raise Lost(f"a client was sent away: {payload!r}")
        return frames


async def joined(plan: Plan, ticket: str) -> Line:
    """A client that hears the channel."""
    line = Line()
    await line.connect(plan.port)
    await line.upgrade(PATHS[plan.kind], plan.port)
    if plan.kind == "live":
        hello = msgspec.json.encode({"do": "authenticate", "ticket": ticket})
        await _told(line, hello, b'"welcome"')
        wish = msgspec.json.encode({"do": "subscribe", "channel": plan.channel})
        await _told(line, wish, b'"subscribed"')
    elif plan.kind == "socket.io":
        await line.said()
        await _told(line, b"40", b"40")
    return line


async def _told(line: Line, frame: bytes, answer: bytes) -> None:
    await line.send(masked(frame))
    said = await line.said()
    if answer not in said:
        raise Lost(said.decode(errors="replace"))


def through_redis(plan: Plan) -> Callable[[range], None]:
    """As the relay does it."""
    client = Redis.from_url(plan.redis_url)

    def say(positions: range) -> None:
        said = [
            Said(channel=plan.channel, epoch=plan.epoch, position=each, type=TYPE, data=DATA)
            for each in positions
        ]
        client.publish(LIVE, packed(said))

    return say


def through_feed(plan: Plan) -> Callable[[range], None]:
    """The same frames, for servers that know nothing of ours."""
    feed = socket.socket(socket.AF_UNIX)
    feed.connect(plan.feed)

    def say(positions: range) -> None:
        texts = [
            msgspec.json.encode(Happened(plan.channel, each, TYPE, DATA)).decode()
            for each in positions
        ]
        feed.sendall(msgspec.json.encode(texts) + b"\n")

    return say


def main(given: BinaryIO, told: BinaryIO) -> None:
    """Read what is to be done, one after the other, and tell what came of it."""
    crowd: Crowd | None = None
    orders = msgspec.msgpack.Decoder(Connect | Stream | Watch)
    with asyncio.Runner() as runner:
        while size := int.from_bytes(given.read(8), "big"):
            written = given.read(size)
            if crowd is None:
                crowd = Crowd(msgspec.msgpack.decode(written, type=Plan))
                continue
            answer = msgspec.msgpack.encode(carried_out(crowd, orders.decode(written), runner))
            told.write(len(answer).to_bytes(8, "big") + answer)
            told.flush()


def carried_out(crowd: Crowd, order: Connect | Stream | Watch, runner: asyncio.Runner) -> Done:
    """What came of an order."""
    try:
        match order:
            case Connect(clients=clients, tickets=tickets):
                began = perf_counter()
                runner.run(crowd.connect(clients, tickets))
                return Done(seconds=perf_counter() - began)
            case Stream():
                return crowd.stream(order)
            case Watch():
                return crowd.watch(order)
    except (Lost, OSError, ExceptionGroup) as failure:
        first = failure.exceptions[0] if isinstance(failure, ExceptionGroup) else failure
        return Done(failure=repr(first))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
