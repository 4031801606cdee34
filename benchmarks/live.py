"""Sockets: how much is given out, beside servers that do nothing else; and how soon."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, ClassVar, Final, NamedTuple

from benchmarks import machine
from benchmarks.fetched import from_npm
from benchmarks.figures import Compared, Figure, Found, Goal, Wishes, percentile
from benchmarks.listening import Connect, Kind, Plan, Stream, Watch
from benchmarks.progress import say
from benchmarks.settled import settled
from benchmarks.sockets import Listeners, listening
from benchmarks.stage import Served, Stage, serve, serving
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from notifications.announce import announce
from notifications.announcements.events import Event
from server.live import tickets
from server.live.reader import Reader

CHANNEL: Final = "board:ever"
# Another, since positions come from PostgreSQL there.
COMMITTED: Final = "board:month"
EPOCH: Final = "bench"
POSITION: Final = 1_000_000
EVENTS_A_SECOND: Final = 50
LISTENERS: Final = 1_000
MOST_MILLISECONDS: Final = 150
WAITING: Final = "SELECT count(*) FROM announcement WHERE relayed_at IS NULL"
MOST_KIB: Final = 30
# Tickets last for half a minute.
AT_ONCE: Final = 1_000
KIB_A_MIB: Final = 1024


class Way(NamedTuple):
    """A way of saying things: so much at a time, so many of these under way."""

    name: str
    batch: int
    window: int
    target: float | None


WAYS: Final = (
    Way("one at a time, the next when all have it", 1, 1, None),
    Way("single messages, each published by itself", 1, 16, 1.0),
    Way("20 at once", 20, 2, 5.0),
)


class Other(NamedTuple):
    """A server that isn't ours."""

    name: str
    kind: Kind
    command: list[str]
    probe: str = "/"


BROADCAST: Final = "websockets broadcast()"
FROM_NPM: Final = (
    Other("ws (Node)", "plain", ["node", "ws.mjs"]),
    Other("socket.io (Node)", "socket.io", ["node", "socketio.mjs"]),
)


class Turned(Event, frozen=True, kw_only=True):
    """Something happened: said in benchmarks alone."""

    type: ClassVar[str] = "bench_committed"
    channels: ClassVar[tuple[str, ...]] = ("board",)
    example: ClassVar[dict[str, Any]] = {"filling": "x"}

    filling: str


class Heard(NamedTuple):
    """What one server did with so many clients: a figure for each way, KiB for each client."""

    figures: list[Figure]
    kib: float


async def measured(wishes: Wishes) -> Found:
    """All sizes, and then from COMMIT to the screens."""
    found = Found()
    with TemporaryDirectory(prefix="ambassade-peers-") as folder:
        skipped = from_npm(Path(folder)) if wishes.peers else "ws and socket.io: not asked for"
        if skipped:
            found.notes.append(skipped)
        async with settled(max(wishes.clients)) as stage:
            for clients in wishes.clients:
                await _beside_others(stage, found, clients, wishes, folder, npm=not skipped)
            listeners = min(LISTENERS, max(wishes.clients))
            found.goals.append(await _from_commit(stage, listeners, wishes))
    return found


async def _beside_others(
    stage: Stage, found: Found, clients: int, wishes: Wishes, folder: str, *, npm: bool
) -> None:
    ours = await _ours(stage, clients, wishes)
    beside = [await _broadcast(clients, wishes, folder)]
    if npm:
        beside += [await _other(each, clients, wishes, folder) for each in FROM_NPM]
    for at, way in enumerate(WAYS):
        limit, *others = [each.figures[at] for each in beside]
        found.compared.append(
            Compared(
                name=f"{clients:,} clients, {way.name}",
                members=clients,
                figure=ours.figures[at],
                limit=limit,
                target=way.target,
                beside=others,
            )
        )
    name = f"memory of a connection, {clients:,} clients"
    found.goals.append(Goal(name=name, value=ours.kib, at_most=MOST_KIB, unit="KiB"))
    names = [BROADCAST, *(each.name for each in FROM_NPM)]
    told = ", ".join(f"{name} {each.kib:.1f}" for name, each in zip(names, beside, strict=False))
    found.notes.append(f"KiB of a connection elsewhere, {clients:,} clients: {told}")


async def _ours(stage: Stage, clients: int, wishes: Wishes) -> Heard:
    # It begins where all positions have as many digits.
    await execute(
        "INSERT INTO announcement_channel (channel, position, epoch) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING",
        CHANNEL,
        POSITION,
        EPOCH,
    )
    with stage.live() as live:
        plan = _plan(stage, live, CHANNEL)
        return await _heard("ambassade live", live, plan, await _readers(clients), wishes)


def _plan(stage: Stage, live: Served, channel: str) -> Plan:
    url = stage.environment["REDIS_URL"]
    return Plan(
        kind="live",
        port=live.port,
        channel=channel,
        redis_url=url,
        epoch=EPOCH,
        position=POSITION,
    )


async def _readers(count: int) -> list[Reader]:
    rows = await fetch("SELECT id FROM bench_person ORDER BY n LIMIT $1", count)
    return [Reader(member=row["id"]) for row in rows]


async def _broadcast(clients: int, wishes: Wishes, folder: str) -> Heard:
    environment = _fed(folder)
    with serve(["benchmarks.peers.broadcasting"], "/", environment) as served:
        plan = Plan(kind="plain", port=served.port, channel=CHANNEL, feed=environment["BENCH_FEED"])
        return await _heard(BROADCAST, served, plan, [None] * clients, wishes)


async def _other(other: Other, clients: int, wishes: Wishes, folder: str) -> Heard:
    environment = _fed(folder)
    with serving(other.command, other.probe, environment, Path(folder)) as served:
        plan = Plan(
            kind=other.kind, port=served.port, channel=CHANNEL, feed=environment["BENCH_FEED"]
        )
        return await _heard(other.name, served, plan, [None] * clients, wishes)


def _fed(folder: str) -> dict[str, str]:
    feed = Path(folder) / "feed.sock"
    feed.unlink(missing_ok=True)
    return os.environ | {"BENCH_FEED": str(feed)}


async def _heard(
    what: str, served: Served, plan: Plan, readers: Sequence[Reader | None], wishes: Wishes
) -> Heard:
    """Let everybody in, and measure all ways."""
    async with listening(plan) as listeners:
        await listeners.do(await _those(readers[:1]))
        # What a server makes for its first client isn't what a connection costs.
        await listeners.do(Stream(batch=20, window=1, seconds=0.2))
        before = machine.memory(served.pid).resident
        for start in range(1, len(readers), AT_ONCE):
            some = readers[start : start + AT_ONCE]
            await listeners.do(await _those(some))
        after = machine.memory(served.pid).resident
        say(f"{what}: {len(readers):,} clients are there")
        figures = [await _given_out(what, served, listeners, way, wishes) for way in WAYS]
    return Heard(figures, (after - before) * KIB_A_MIB / max(1, len(readers) - 1))


async def _those(readers: Sequence[Reader | None]) -> Connect:
    """A ticket for each, and some to spare; nothing for those that no ticket is asked of."""
    spare = readers[: 5 + len(readers) // 10]
    secrets = [(await tickets.issue(each)).secret if each else "" for each in (*readers, *spare)]
    return Connect(clients=len(readers), tickets=secrets)


async def _given_out(
    what: str, served: Served, listeners: Listeners, way: Way, wishes: Wishes
) -> Figure:
    await listeners.do(Stream(batch=way.batch, window=way.window, seconds=wishes.seconds / 20))
    used = machine.processor_seconds(served.pid)
    order = Stream(batch=way.batch, window=way.window, seconds=wishes.seconds / 4)
    done = await listeners.do(order)
    used = machine.processor_seconds(served.pid) - used
    memory = machine.memory(served.pid)
    return Figure(
        what=what,
        done=done.deliveries,
        each="delivery",
        seconds=done.seconds,
        per_second=done.deliveries / done.seconds,
        api_us=used / done.deliveries * 1e6,
        postgres_us=0.0,
        p50_ms=percentile(done.latencies, 0.5),
        p99_ms=percentile(done.latencies, 0.99),
        resident_mib=memory.resident,
        peak_mib=memory.peak,
        load_us=done.processor_seconds / done.deliveries * 1e6,
    )


async def _from_commit(stage: Stage, clients: int, wishes: Wishes) -> Goal:
    """From COMMIT through the relay to the screens."""
    events = int(EVENTS_A_SECOND * wishes.seconds)
    with stage.live() as live, stage.worker():
        await relayed()
        async with listening(_plan(stage, live, COMMITTED)) as listeners:
            await listeners.do(await _those(await _readers(clients)))
            await listeners.tell(Watch(events=events))
            committed_at = await announced(events)
            heard_at = (await listeners.answer()).heard_at
    latencies = [
        (heard - committed) * 1000
        for committed, times in zip(committed_at, heard_at, strict=True)
        for heard in times
    ]
    middle = percentile(latencies, 0.5) or 0.0
    return Goal(
        name=f"from COMMIT to {clients:,} clients, {EVENTS_A_SECOND} events a second,"
        f" p99 (p50 {middle:.1f} ms)",
        value=percentile(latencies, 0.99) or 0.0,
        at_most=MOST_MILLISECONDS,
        unit="ms",
    )


async def relayed() -> None:
    """Wait until the worker relays."""
    await announced(1)
    async with asyncio.timeout(60):
        while await fetchval(WAITING):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def announced(events: int) -> list[float]:
    """Announce so many, each in a transaction of its own; when each was about to commit."""
    committed_at = []
    began = perf_counter()
    for number in range(events):
        await asyncio.sleep(max(0.0, began + number / EVENTS_A_SECOND - perf_counter()))
        async with unit_of_work():
            announce(COMMITTED, Turned(filling="x" * 100))
            committed_at.append(perf_counter())
    return committed_at
