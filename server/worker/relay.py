"""The relay: publishes what was announced and committed, each channel in the order of positions.

One relay works at a time, wherever it runs: it holds a lock for the length of a short transaction,
in which it takes a batch, publishes it and marks it. Who dies lets go of the lock at once, and who
hangs loses it after a second and a half. A crash between publishing and COMMIT publishes the batch
again: positions tell whoever hears it.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

import asyncpg
import msgspec
import structlog
from redis.exceptions import RedisError

from ground import clock, valkey
from ground.ending import end
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from notifications.announcements.wire import BELL, LIVE, Said, packed

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 0.25
AT_ONCE: Final = 500
# Somebody who waits for longer than this is worth a line in the log.
STALLED_SECONDS: Final = 2.0
DEAF_SECONDS: Final = 0.5

INTERRUPTIONS: Final = (
    valkey.ValkeyAway,
    valkey.ValkeyNotOpen,
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
)

# Nobody may hold the lock for longer than the successor of a dead one needs.
ALONE: Final = """
SELECT set_config('idle_in_transaction_session_timeout', '1500', true),
    set_config('statement_timeout', '1500', true), set_config('lock_timeout', '1500', true),
    pg_try_advisory_xact_lock(hashtext('announcement_relay')) AS alone
"""

TAKE: Final = """
SELECT a.id, a.channel, a.position, a.type, a.data, a.said_at, c.epoch
FROM announcement a JOIN announcement_channel c USING (channel)
WHERE a.relayed_at IS NULL ORDER BY a.id LIMIT $1
"""

# Mostly nothing waits: one question then, instead of a transaction.
WAITS: Final = "SELECT EXISTS (SELECT FROM announcement WHERE relayed_at IS NULL)"

MARK: Final = """
UPDATE announcement SET relayed_at = $2 WHERE id = ANY($1::bigint[]) AND relayed_at IS NULL
"""


class Relayed(NamedTuple):
    """How many were published, and for how long the oldest of them had waited."""

    events: int
    waited_seconds: float = 0.0


async def relay_once(at_once: int = AT_ONCE) -> Relayed | None:
    """Publish a batch. Return nothing if another relay is at it."""
    if not await fetchval(WAITS):
        return Relayed(0)
    async with unit_of_work():
        [row] = await fetch(ALONE)
        if not row["alone"]:
            return None
        waiting = await fetch(TAKE, at_once)
        if not waiting:
            return Relayed(0)
        batch = packed(_said(waiting))
        await valkey.ask(lambda client: client.publish(LIVE, batch))
        now = clock.now()
        await execute(MARK, [row["id"] for row in waiting], now)
        waited = (now - waiting[0]["said_at"]).total_seconds()
        return Relayed(len(waiting), waited)


def _said(rows: Sequence[asyncpg.Record]) -> list[Said]:
    return [
        Said(
            channel=row["channel"],
            epoch=row["epoch"],
            position=row["position"],
            type=row["type"],
            data=msgspec.Raw(row["data"].encode()),
        )
        for row in rows
    ]


async def relay_regularly() -> None:
    """Relay what is committed, woken by the bell and by the clock, until cancelled."""
    rung = asyncio.Event()
    listening = asyncio.create_task(_listen_to_the_bell(rung))
    stalls = Stalls()
    try:
        while True:
            rung.clear()
            await _drain(stalls)
            await _wait(rung)
    finally:
        await end(listening)


async def _drain(stalls: "Stalls") -> None:
    """Relay until nothing is left. An outage only interrupts, and marks nothing."""
    try:
        while not valkey.is_away():
            relayed = await relay_once()
            if relayed is None:
                return
            stalls.note(relayed)
            if relayed.events < AT_ONCE:
                return
        stalls.interrupted("valkey away")
    except INTERRUPTIONS as failure:
        stalls.interrupted(type(failure).__name__)
    except Exception:
        # Nobody else would notice if this ended, and the next look may find all well.
        log.exception("relay_failed")
        await asyncio.sleep(EVERY_SECONDS)


async def _wait(rung: asyncio.Event) -> None:
    waiting = asyncio.ensure_future(rung.wait())
    try:
        await asyncio.wait({waiting}, timeout=EVERY_SECONDS)
    finally:
        waiting.cancel()


async def _listen_to_the_bell(rung: asyncio.Event) -> None:
    """Hear the bell while Valkey is there. The clock makes up for what isn't heard."""
    while True:
        try:
            async with valkey.client().pubsub() as bell:
                async with asyncio.timeout(valkey.ANSWER_SECONDS):
                    await bell.subscribe(BELL)
                while not valkey.is_away():
                    if await bell.get_message(ignore_subscribe_messages=True, timeout=1.0):
                        rung.set()
        except (RedisError, valkey.ValkeyNotOpen, OSError, TimeoutError) as failure:
            log.debug("bell_not_heard", reason=type(failure).__name__)
        await asyncio.sleep(DEAF_SECONDS)


class Stalls:
    """Says when announcements begin to wait, and when they don't any more: one line each.

    What waited when it began is nobody's delay: there was no relay, as after a first start.
    """

    def __init__(self) -> None:
        self._reason: str | None = None
        self._begins = True

    def interrupted(self, reason: str) -> None:
        """Nothing can be relayed now."""
        if self._reason is None:
            log.warning("relay_interrupted", reason=reason)
            self._reason = reason

    def note(self, relayed: Relayed) -> None:
        """Something was relayed, or nothing waited."""
        if self._reason is not None:
            log.info("relay_goes_on", waited_seconds=round(relayed.waited_seconds, 1))
            self._reason = None
        elif relayed.waited_seconds > STALLED_SECONDS:
            seconds = round(relayed.waited_seconds, 1)
            if self._begins:
                log.info("relay_catches_up", waited_seconds=seconds)
            else:
                log.warning("relay_late", waited_seconds=seconds)
        # What waits is taken in batches, the oldest first.
        self._begins = self._begins and relayed.events == AT_ONCE
