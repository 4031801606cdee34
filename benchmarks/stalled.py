"""Clients that don't read, among many that do: what they cost the others."""

import asyncio
import re
import socket
import statistics
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from time import perf_counter
from typing import Final, NamedTuple

import httpx
import msgspec
from redis.asyncio import Redis

from benchmarks.calls import Failed
from benchmarks.figures import Found, Goal, Wishes, percentile
from benchmarks.lines import Line, Lost, masked
from benchmarks.listening import DATA, TYPE, Connect, Plan, Watch
from benchmarks.live import AT_ONCE, EPOCH, POSITION
from benchmarks.progress import say
from benchmarks.settled import settled
from benchmarks.sockets import Listeners, listening
from benchmarks.stage import Served, Stage
from ground.engine import execute, fetch
from notifications.announcements.wire import LIVE, Said, packed
from server.live import tickets
from server.live.reader import Reader

CHANNEL: Final = "board:ever"
# Only those that stall hear it.
FILLING: Final = "board:month"
HEALTHY, STALLED = 1_800, 200
FEW: Final = 10
EVENTS_A_SECOND: Final = 20
TURN_SECONDS: Final = 6.0
TURNS: Final = 5
MOST_SLOWER: Final = 1.2
# More than the kernel takes for a client, and less than the process lets wait for one.
FILL: Final = [msgspec.Raw(msgspec.json.encode({"filling": "x" * 14_000}))] * 20
KERNEL_BYTES: Final = 8_192
SETTLED_SECONDS: Final = 0.5
CLOSED: Final = re.compile(r'ambassade_live_closed_total\{code="4408"\} (\S+)')


class Turn(NamedTuple):
    """One turn: how long it took each event to be heard by each, and who was closed."""

    p50: float
    p99: float
    closed: int


class Playing(NamedTuple):
    """What all turns share."""

    live: Served
    plan: Plan
    listeners: Listeners
    redis: Redis
    stalling: Sequence[Reader]
    positions: dict[str, Iterator[int]]

    async def speak(self, channel: str, filled: Sequence[msgspec.Raw]) -> None:
        """Say things as the relay does."""
        said = [
            Said(channel=channel, epoch=EPOCH, position=position, type=TYPE, data=data)
            for data, position in zip(filled, self.positions[channel], strict=False)
        ]
        await self.redis.publish(LIVE, packed(said))

    async def turn(self) -> Turn:
        """Let events happen, one after the other."""
        events = int(EVENTS_A_SECOND * TURN_SECONDS)
        before = await self.closed()
        await self.listeners.tell(Watch(events=events))
        said_at, began = [], perf_counter()
        for number in range(events):
            await asyncio.sleep(max(0.0, began + number / EVENTS_A_SECOND - perf_counter()))
            said_at.append(perf_counter())
            await self.speak(CHANNEL, [DATA])
        heard_at = (await self.listeners.answer()).heard_at
        waits = [
            (heard - at) * 1000
            for at, times in zip(said_at, heard_at, strict=True)
            for heard in times
        ]
        return Turn(
            percentile(waits, 0.5) or 0.0,
            percentile(waits, 0.99) or 0.0,
            await self.closed() - before,
        )

    async def turn_among_stalled(self) -> Turn:
        """The same, while some don't read what waits for them already."""
        lines = [await self._stalled(reader) for reader in self.stalling]
        # Nobody heard it since the last ones were closed, so it begins where PostgreSQL has it.
        self.positions[FILLING] = count(POSITION + 1)
        try:
            await self.speak(FILLING, FILL)
            await asyncio.sleep(SETTLED_SECONDS)
            found = await self.turn()
        finally:
            for line in lines:
                line.close()
        if found.closed != len(lines):
            raise Failed(f"{found.closed} of {len(lines)} that stalled were closed")
        return found

    async def closed(self) -> int:
        """How many were too slow so far."""
        async with httpx.AsyncClient() as http:
            figures = await http.get(f"http://127.0.0.1:{self.live.port}/metrics")
        found = CLOSED.search(figures.text)
        return int(float(found[1])) if found else 0

    async def _stalled(self, reader: Reader) -> Line:
        """A client that says what it wants to hear, and never reads any of it."""
        line = Line()
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BYTES)
        await line.connect(self.live.port)
        await line.upgrade("/live", self.live.port)
        ticket = (await tickets.issue(reader)).secret
        for command in (
            {"do": "authenticate", "ticket": ticket},
            {"do": "subscribe", "channel": CHANNEL},
            {"do": "subscribe", "channel": FILLING},
        ):
            await line.send(masked(msgspec.json.encode(command)))
            answer = await line.said()
            if b'"refused"' in answer:
                raise Lost(answer.decode())
        return line


async def measured(wishes: Wishes) -> Found:
    """Turns without them and with them, one after the other; the medians of both."""
    part = FEW if wishes.quick else 1
    healthy, stalled = HEALTHY // part, STALLED // part
    alone, among = [], []
    async with playing(healthy, stalled) as play:
        await play.turn()
        for number in range(1 if wishes.quick else TURNS):
            alone.append(await play.turn())
            among.append(await play.turn_among_stalled())
            say(f"turn {number + 1}: p99 {alone[-1].p99:.1f} ms, then {among[-1].p99:.1f} ms")
    was, now = (statistics.median(turn.p99 for turn in turns) for turns in (alone, among))
    halves = [statistics.median(turn.p50 for turn in turns) for turns in (alone, among)]
    name = (
        f"p99 of {healthy:,} clients with {stalled} among them that don't read,"
        f" {now:.1f} ms beside {was:.1f} ms without"
    )
    notes = [
        f"{EVENTS_A_SECOND} events a second; medians {halves[1]:.1f} ms beside {halves[0]:.1f} ms;"
        f" all {stalled} were closed in each turn"
    ]
    goal = Goal(name=name, value=now / was, at_most=MOST_SLOWER, unit="times")
    return Found(goals=[goal], notes=notes)


@asynccontextmanager
async def playing(healthy: int, stalled: int) -> AsyncIterator[Playing]:
    """A live process to which all who read have come."""
    async with settled(healthy + stalled) as stage:
        for channel in (CHANNEL, FILLING):
            await execute(
                "INSERT INTO announcement_channel (channel, position, epoch) VALUES ($1, $2, $3)",
                channel,
                POSITION,
                EPOCH,
            )
        rows = await fetch("SELECT id FROM bench_person ORDER BY n")
        readers = [Reader(member=row["id"]) for row in rows]
        with stage.live() as live:
            async with listening(_plan(stage, live)) as listeners:
                await _let_in(listeners, readers[:healthy])
                say(f"{healthy:,} clients are there")
                redis = Redis.from_url(stage.environment["REDIS_URL"])
                yield Playing(
                    live,
                    _plan(stage, live),
                    listeners,
                    redis,
                    readers[healthy:],
                    {channel: count(POSITION + 1) for channel in (CHANNEL, FILLING)},
                )
                await redis.aclose()


async def _let_in(listeners: Listeners, readers: Sequence[Reader]) -> None:
    """A ticket for each, and some to spare."""
    for start in range(0, len(readers), AT_ONCE):
        some = readers[start : start + AT_ONCE]
        secrets = [(await tickets.issue(reader)).secret for reader in (*some, *some[:100])]
        await listeners.do(Connect(clients=len(some), tickets=secrets))


def _plan(stage: Stage, live: Served) -> Plan:
    url = stage.environment["REDIS_URL"]
    return Plan(
        kind="live", port=live.port, channel=CHANNEL, redis_url=url, epoch=EPOCH, position=POSITION
    )
