"""The ticker: tells what moves too often to be told each time, a few times a second at most.

Who changes something only marks the channel. The ticker then asks the teller of that kind of
channel what changed since it was told last.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import structlog
from redis.asyncio import Redis

from ground import clock, valkey
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from notifications.announce import announce
from notifications.announcements.events import Event

log = structlog.get_logger(__name__)

# The channels that were marked since the last tick.
MARKED: Final = "ambassade:marked"
ANEW: Final = "!"
EVERY_SECONDS: Final = 0.4
# Set by who ticks: several tickers together tick no more often than one.
TICKED: Final = "ambassade:ticked"
TICKED_MS: Final = 350
# Marks are best effort: what they missed is found by looking at everything.
SWEEP_SECONDS: Final = 5.0
MOST_AT_ONCE: Final = 200

# One ticker at a time, wherever it runs: so a channel is never told twice as often.
ALONE: Final = "SELECT pg_try_advisory_xact_lock(hashtext('announcement_ticker'))"

HOLD: Final = """
SELECT channel, told FROM announcement_told WHERE channel = ANY($1::text[]) FOR UPDATE
"""

KEEP: Final = """
INSERT INTO announcement_told (channel, told, told_at)
SELECT c, t, $3 FROM unnest($1::text[], $2::text[]) AS w (c, t) ORDER BY c
ON CONFLICT (channel) DO UPDATE SET told = excluded.told, told_at = excluded.told_at
"""


class Teller(NamedTuple):
    """Says what changed on channels of one kind.

    `tell` is given channels, and what it kept when they were told last; it runs in the
    transaction that announces what it returns. `channels` are all that could have changed
    without a mark.
    """

    prefix: str
    tell: Callable[[Mapping[str, str]], Awaitable[Sequence["Telling"]]]
    channels: Callable[[], Awaitable[Sequence[str]]]


class Telling(NamedTuple):
    """What to say on a channel, if anything, and what to keep for the next time."""

    channel: str
    event: Event | None
    told: str


async def mark(channels: Collection[str], *, anew: bool = False) -> None:
    """Let channels be told soon. Call it after COMMIT; best effort.

    Told `anew`, all of it is said, whatever was told before: for what may have gone there and
    back, and been read in between.
    """
    if not channels:
        return
    marks = marks_of(channels, anew=anew)
    try:
        await valkey.ask(lambda client: client.sadd(MARKED, *marks))
    except (valkey.ValkeyAway, valkey.ValkeyNotOpen):
        return


def marks_of(channels: Iterable[str], *, anew: bool = False) -> list[str]:
    """What to add to the set `MARKED`, in a pipeline of the caller's."""
    return [f"{ANEW}{channel}" if anew else channel for channel in channels]


async def tick(tellers: Iterable[Teller], *, sweep: bool = False) -> int | None:
    """Tell what was marked, or look at everything. Return how many channels were told.

    None if another ticker was at it. A failure marks again what wasn't told.
    """
    async with unit_of_work():
        if not await fetchval(ALONE):
            return None
        by_prefix = {teller.prefix: teller for teller in tellers}
        marked = await valkey.ask(_take)
        try:
            wanted = await _wanted(by_prefix, marked, sweep=sweep)
            anew = {mark.removeprefix(ANEW) for mark in marked if mark.startswith(ANEW)}
            tellings = [
                telling
                for prefix, channels in wanted.items()
                for telling in await _told(by_prefix[prefix], channels, anew)
            ]
            await _keep(tellings)
        except BaseException:
            await mark(marked)
            raise
    return sum(telling.event is not None for telling in tellings)


async def _take(client: Redis) -> list[str]:
    taken: Any = await client.spop(MARKED, MOST_AT_ONCE)
    return [channel.decode() for channel in taken or ()]


async def _wanted(
    by_prefix: Mapping[str, Teller], marked: Iterable[str], *, sweep: bool
) -> dict[str, set[str]]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for channel in (each.removeprefix(ANEW) for each in marked):
        prefix = channel.partition(":")[0]
        if prefix in by_prefix:
            wanted[prefix].add(channel)
    if sweep:
        for prefix, teller in by_prefix.items():
            wanted[prefix].update(await teller.channels())
    return wanted


async def _told(
    teller: Teller, channels: Collection[str], anew: Collection[str]
) -> Sequence[Telling]:
    if not channels:
        return ()
    rows = await fetch(HOLD, sorted(channels))
    before = {row["channel"]: row["told"] for row in rows if row["channel"] not in anew}
    return await teller.tell({channel: before.get(channel, "") for channel in sorted(channels)})


async def _keep(tellings: Sequence[Telling]) -> None:
    for telling in tellings:
        if telling.event is not None:
            announce(telling.channel, telling.event)
    changed = [telling for telling in tellings if telling.event is not None]
    if changed:
        await execute(
            KEEP,
            [telling.channel for telling in changed],
            [telling.told for telling in changed],
            clock.now(),
        )


async def _turn(client: Redis) -> tuple[bool, bool]:
    """Whether it is our turn, and whether anything is marked: mostly nothing is."""
    async with client.pipeline(transaction=False) as pipe:
        pipe.set(TICKED, b"", nx=True, px=TICKED_MS)
        pipe.exists(MARKED)
        is_ours, is_marked = await pipe.execute()
    return bool(is_ours), bool(is_marked)


async def tick_regularly(tellers: Sequence[Teller]) -> None:
    """Tick until cancelled. An outage only interrupts."""
    loop = asyncio.get_running_loop()
    swept = -SWEEP_SECONDS
    while True:
        began = loop.time()
        due = began - swept >= SWEEP_SECONDS
        try:
            if not valkey.is_away():
                is_ours, is_marked = await valkey.ask(_turn)
                if is_ours and (due or is_marked):
                    await tick(tellers, sweep=due)
                    swept = began if due else swept
        except (valkey.ValkeyAway, valkey.ValkeyNotOpen, OSError, TimeoutError) as failure:
            log.info("ticker_interrupted", reason=type(failure).__name__)
        except Exception:
            # Nobody else would notice if this ended, and the next look may find all well.
            log.exception("ticker_failed")
        await asyncio.sleep(max(0.0, began + EVERY_SECONDS - loop.time()))
