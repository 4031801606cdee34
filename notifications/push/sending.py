"""Sends what is due, in the worker: page by page, with one eye on what Firebase says.

What is about to be sent is committed as such before it leaves (I28). So a crash at any moment
leaves it held, whoever finds it repeats it once, and the phone shows the second one in place of the
first. A worker that was frozen meanwhile sends nothing more when it wakes up.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid4

import asyncpg
import structlog

from ground import clock
from ground.ending import is_told_to_end
from ground.unit_of_work import unit_of_work
from notifications.devices import service as devices
from notifications.push import deliveries, gate, noting, wanted
from notifications.push.deliveries import Claimed, Settled
from notifications.push.faults import FINAL, FORGETS, HOLDS, STOPS, Fault, Refused, Taken, hold
from notifications.push.faults import pause as pause_of
from notifications.push.firebase import Firebase
from notifications.push.gate import Gate
from notifications.push.tables import PushState

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 0.5
AT_ONCE: Final = 64
PAGE: Final = 256
# After so many without a word of success nothing more of a page leaves.
PATIENCE: Final = 8
# What is held for longer than this is left to whoever takes it over.
LAST_MOMENT: Final = deliveries.HELD.total_seconds() / 2

# PostgreSQL is away, or in trouble.
INTERRUPTIONS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class Sender:
    """Sends to one project, for one worker. Others may do so beside it."""

    def __init__(self, firebase: Firebase) -> None:
        self._firebase = firebase
        self._at_work: _Page | None = None

    async def send_regularly(self) -> None:
        """Send what is due, for as long as the worker lives."""
        while True:
            if not await self._sent_in_order():
                await asyncio.sleep(EVERY_SECONDS)

    async def _sent_in_order(self) -> bool:
        """Send a page. Who is told to stop meanwhile waits for what has left already."""
        page = asyncio.create_task(self.send_due())
        try:
            return await asyncio.shield(page)
        except asyncio.CancelledError:
            if not is_told_to_end():
                log.warning("push_interrupted", reason="CancelledError")
                return False
            if self._at_work is not None:
                self._at_work.closed = True
            await asyncio.wait({page})
            raise
        except INTERRUPTIONS as failure:
            log.warning("push_interrupted", reason=type(failure).__name__)
        except Exception:
            # What can't be sent for a reason that nobody thought of is given up after two tries.
            log.exception("push_failed")
        return False

    async def send_due(self) -> bool:
        """Send one page of what is due. Return whether there may be more."""
        standing = await self._ready()
        if standing is None:
            return False
        holder, held_since = uuid4(), time.monotonic()
        # Whether troubles are over is tried with one: it costs few their message.
        page = await deliveries.claim(holder, 1 if standing.held_times else PAGE)
        if not page.held and not page.ended:
            return False
        sending = _Page(self._firebase, standing, held_since)
        self._at_work = sending
        await self._send(holder, page, sending)
        return not sending.closed

    async def _ready(self) -> Gate | None:
        """Be signed in. Gives how it stands with the project, if something may be sent to it."""
        standing = await gate.look(self._firebase.project)
        if not (standing.waits(clock.now()) or self._firebase.is_signed_in()):
            refused = await self._firebase.sign_in()
            if refused is not None:
                await self._hold(standing, refused)
                return None
            # That may have taken seconds, in which others have learnt that nobody may send.
            standing = await gate.look(self._firebase.project)
        return None if standing.waits(clock.now()) else standing

    async def _send(self, holder: UUID, page: deliveries.Page, sending: "_Page") -> None:
        settled = await wanted.not_now(page.held)
        put_aside = {each.id for each in settled}
        settled += await sending.send([each for each in page.held if each.id not in put_aside])
        async with unit_of_work():
            await deliveries.settle(holder, settled)
            await devices.forget_tokens(sending.gone)
            await devices.set_aside(sending.mismatched)
            await noting.note(
                [*page.ended, *(each.outbox_id for each in page.held)],
                [each.id for each in page.held],
            )
        if sending.heard and sending.standing.held_times:
            await gate.went(self._firebase.project)
        if sending.trouble is not None:
            await self._hold(sending.standing, sending.trouble)

    async def _hold(self, standing: Gate, refused: Refused) -> None:
        times = standing.held_times + 1
        urgent = refused.fault is Fault.QUOTA_EXCEEDED
        wait = hold(refused, times) if urgent else pause_of(refused, times)
        if refused.fault is Fault.UNAUTHENTICATED:
            self._firebase.sign_out()
        await gate.hold(standing.project, wait, refused.fault)
        log.warning("push_held", because=refused.fault, seconds=round(wait.total_seconds()))


class _Page:
    """One page on its way. It ends early when what comes back concerns all."""

    def __init__(self, firebase: Firebase, standing: Gate, held_since: float) -> None:
        self._firebase = firebase
        self.standing = standing
        self._held_since = held_since
        self._failures = 0
        # How many were answered as they deserve: whoever answers so is well.
        self.heard = 0
        self.closed = False
        # Why nobody sends for a while, if so.
        self.trouble: Refused | None = None
        self.gone: list[str] = []
        self.mismatched: list[str] = []

    async def send(self, page: Sequence[Claimed]) -> list[Settled]:
        waiting = iter(page)
        settled: list[Settled] = []

        async def work() -> None:
            for each in waiting:
                settled.append(await self._send(each))  # noqa: PERF401 - many do so at once

        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(page))):
                group.create_task(work())
        return settled

    async def _send(self, each: Claimed) -> Settled:
        if self.closed or time.monotonic() - self._held_since > LAST_MOMENT:
            return Settled(id=each.id, state=PushState.DUE, due_at=clock.now(), untried=True)
        found = await self._firebase.send(each.push, each.token, each.platform)
        if isinstance(found, Taken):
            self.heard += 1
            self._failures = 0
            return Settled(id=each.id, state=PushState.SENT)
        await self._heed(each, found)
        return _refused(each, found)

    async def _heed(self, each: Claimed, refused: Refused) -> None:
        """Draw the consequences for others."""
        fault = refused.fault
        if fault in FINAL:
            self.heard += 1
        if fault in FORGETS:
            self.gone.append(each.token)
        elif fault in STOPS:
            await self._stop(each, fault)
        elif fault in HOLDS:
            self._close(refused)
        elif fault not in FINAL:
            self._failures += 1
            if self._failures >= PATIENCE or self.standing.held_times:
                self._close(refused)

    async def _stop(self, each: Claimed, fault: Fault) -> None:
        self.closed = True
        if fault is Fault.SENDER_ID_MISMATCH:
            self.mismatched.append(each.token)
        if await gate.stop(self.standing.project, fault):
            log.error("push_stopped", because=fault, advice="ambassade push resume")

    def _close(self, refused: Refused) -> None:
        """Of several troubles the one counts that keeps everybody for longest."""
        self.closed = True
        known = [each for each in (self.trouble, refused) if each is not None]
        self.trouble = max(known, key=lambda each: (each.fault in HOLDS, each.retry_after or 0.0))


def _refused(each: Claimed, refused: Refused) -> Settled:
    """What becomes of a message that wasn't taken, or perhaps wasn't."""
    fault = refused.fault
    repeated = fault is Fault.UNCLEAR and each.repeats >= 1
    due_at = clock.now()
    if fault not in STOPS and fault not in HOLDS:
        due_at += pause_of(refused, each.tries)
    if fault in FINAL or repeated or due_at >= each.push.expires_at:
        return Settled(id=each.id, state=PushState.FAILED, fault=fault)
    return Settled(id=each.id, state=PushState.DUE, fault=fault, due_at=due_at)
