"""What all sockets of a process hear: each event framed once, and given to everybody together.

It never waits for a client. What Redis lost is read again from PostgreSQL, where it always is.
"""

import asyncio
import contextvars
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Final, Protocol

import structlog

from notifications.announcements.history import History
from notifications.announcements.wire import Said
from server.errors import AWAY
from server.live.channel import Channel, Piece
from server.live.figures import MENDED, SENT
from server.live.frames import Subscribed, framed

log = structlog.get_logger(__name__)

# While it is busy, what comes for as long as it just sent, or at most within this time, is sent
# together. When idle nothing waits.
COLLECT_SECONDS: Final = 0.01
# So many sockets are written to at a time, so that the loop does other things in between.
SLICE: Final = 500
MENDED_AT_ONCE: Final = 4
# A client that missed more bytes than may wait for it reads the snapshot instead.
MOST_MISSED_BYTES: Final = 192 * 1024
TRIES: Final = 5
# What was given out is kept so long for who comes back.
KEPT_SECONDS: Final = 600.0
AGAIN_SECONDS: Final = 0.5


class Hearer(Protocol):
    """A socket, as the hub sees it."""

    def write(self, wire: bytes, messages: int) -> None:
        """Send bytes that hold so many messages, without ever waiting."""


class Archive(Protocol):
    """Where everything is that was announced: PostgreSQL."""

    async def opened(self, channel: str) -> tuple[int, str]:
        """Position and epoch of a channel, which is made if there is none."""

    async def standing(self, channels: Sequence[str]) -> Mapping[str, tuple[int, str]]:
        """Position and epoch of each channel that there is."""

    async def missed(self, channel: str, after: int) -> History:
        """What was said in a channel after a position."""


class Hub:
    """The channels that somebody hears."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.channels: dict[str, Channel[Hearer]] = {}
        self._opening: dict[str, asyncio.Task[None]] = {}
        self._pending: dict[str, Channel[Hearer]] = {}
        self._behind: dict[str, Channel[Hearer]] = {}
        self._has_pending = asyncio.Event()
        self._has_behind = asyncio.Event()

    async def run(self) -> None:
        """Give out and mend, until cancelled."""
        self._has_pending.set()
        self._has_behind.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._give_out_forever(), name="giving out")
            for _ in range(MENDED_AT_ONCE):
                tasks.create_task(self._mend_forever(), name="mending")

    def hear(self, said: Said) -> None:
        """Take what Redis says. What nobody hears is forgotten at once."""
        channel = self.channels.get(said.channel)
        if channel is not None:
            channel.take(said)
            self._note(channel)

    async def compare(self) -> None:
        """See in PostgreSQL whether anything was said that didn't come."""
        for channel in self.channels.values():
            channel.forget(asyncio.get_running_loop().time() - KEPT_SECONDS)
        names = [name for name, channel in self.channels.items() if channel.is_open]
        if not names:
            return
        for name, (position, epoch) in (await self.archive.standing(names)).items():
            known = self.channels.get(name)
            if known is None or not known.is_open:
                continue
            if epoch != known.epoch:
                position = max(position, known.tip + 1)
            known.wanted = max(known.wanted, position)
            self._note(known)

    async def join(self, hearer: Hearer, name: str, after: int | None, epoch: str | None) -> None:
        """Say `subscribed`, what was missed, and then everything: no gap, no repeat."""
        channel = await self._opened(name)
        try:
            missed = await self._missed(channel, after, epoch)
        except BaseException:
            self._let_go(channel)
            raise
        # From here on nothing is awaited: who is told a position hears what follows it.
        if missed is None:
            position = channel.head
            wires = [channel.reload(position)]
        else:
            pieces, position = missed
            wires = [piece.wire for piece in pieces]
        channel.admit(hearer, position)
        answer = framed(Subscribed(channel.shown, position, channel.epoch))
        hearer.write(b"".join([answer, *wires]), 1 + len(wires))

    def leave(self, hearer: Hearer, name: str) -> None:
        """Let a socket hear a channel no more."""
        channel = self.channels.get(name)
        if channel is not None and (hearer in channel.hearers or hearer in channel.ahead):
            channel.dismiss(hearer)
            self._let_go(channel)

    async def _opened(self, name: str) -> Channel[Hearer]:
        channel = self.channels.get(name)
        if channel is None:
            channel = self.channels[name] = Channel(name)
            self._opening[name] = _alone(self._open(channel))
        channel.users += 1
        if not channel.is_open:
            try:
                await asyncio.shield(self._opening[name])
            except BaseException:
                self._let_go(channel)
                raise
        return channel

    async def _open(self, channel: Channel[Hearer]) -> None:
        try:
            position, epoch = await self.archive.opened(channel.name)
        except BaseException:
            # The next one tries again.
            self.channels.pop(channel.name, None)
            raise
        finally:
            self._opening.pop(channel.name, None)
        channel.begin(position, epoch)
        self._note(channel)

    def _let_go(self, channel: Channel[Hearer]) -> None:
        channel.users -= 1
        if channel.users == 0 and self.channels.get(channel.name) is channel:
            del self.channels[channel.name]
            self._pending.pop(channel.name, None)
            self._behind.pop(channel.name, None)

    async def _missed(
        self, channel: Channel[Hearer], after: int | None, epoch: str | None
    ) -> tuple[list[Piece], int] | None:
        """What somebody missed, and up to where; None where that can't be told any more."""
        if after is None:
            return [], channel.head
        found: list[Piece] = []
        seen, epoch, is_sure = after, epoch or channel.epoch, False
        for _ in range(TRIES):
            if epoch != channel.epoch:
                return None
            known = channel.since(seen)
            if known is not None:
                return _unless_too_many([*found, *known], channel.head)
            if is_sure and seen > channel.head:
                return _unless_too_many(found, seen)
            missed = await self.archive.missed(channel.name, seen)
            if missed.epoch != channel.epoch:
                await self._mend(channel)
            elif missed.said is None:
                return None
            else:
                found += [channel.piece(said) for said in missed.said]
                seen, is_sure = missed.position, True
        return None

    def _note(self, channel: Channel[Hearer]) -> None:
        if channel.pending:
            self._pending[channel.name] = channel
            self._has_pending.set()
        if channel.is_behind:
            self._behind[channel.name] = channel
            self._has_behind.set()

    async def _give_out_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._has_pending.wait()
            self._has_pending.clear()
            began = loop.time()
            while self._pending:
                _, channel = self._pending.popitem()
                await self._give_out(channel)
            await asyncio.sleep(min(COLLECT_SECONDS, loop.time() - began))

    async def _give_out(self, channel: Channel[Hearer]) -> None:
        """One write a socket, however many pieces there are."""
        hearers = list(channel.hearers)
        pieces = channel.give_out(asyncio.get_running_loop().time())
        for hearer, missed in channel.caught_up(pieces):
            hearer.write(b"".join([piece.wire for piece in missed]), len(missed))
        wire = pieces[0].wire if len(pieces) == 1 else b"".join([p.wire for p in pieces])
        head, messages = channel.head, len(pieces)
        SENT.inc(messages * len(hearers))
        for hearer in hearers[:SLICE]:
            hearer.write(wire, messages)
        for start in range(SLICE, len(hearers), SLICE):
            await asyncio.sleep(0)
            for hearer in hearers[start : start + SLICE]:
                # Who left meanwhile hears no more; who came back has this already.
                if channel.hearers.get(hearer, head) < head:
                    hearer.write(wire, messages)

    async def _mend_forever(self) -> None:
        while True:
            await self._has_behind.wait()
            if not self._behind:
                self._has_behind.clear()
                continue
            name, channel = next(iter(self._behind.items()))
            del self._behind[name]
            try:
                await self._mend(channel)
            except AWAY as failure:
                log.warning("not_mended", reason=type(failure).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
                self._note(channel)

    async def _mend(self, channel: Channel[Hearer]) -> None:
        """Read from PostgreSQL what is missing, or tell everybody to read again."""
        MENDED.inc()
        missed = await self.archive.missed(channel.name, channel.tip)
        if missed.epoch != channel.epoch or missed.said is None:
            channel.renew(missed.position, missed.epoch)
        else:
            for said in missed.said:
                channel.take(said)
            if not missed.said:
                channel.wanted = channel.tip
        if self.channels.get(channel.name) is channel:
            self._note(channel)


def _unless_too_many(pieces: list[Piece], position: int) -> tuple[list[Piece], int] | None:
    size = sum(len(piece.wire) for piece in pieces)
    return None if size > MOST_MISSED_BYTES else (pieces, position)


def _alone(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    return asyncio.get_running_loop().create_task(work, context=contextvars.Context())
