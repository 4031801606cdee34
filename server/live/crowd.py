"""All who are connected to a process, and what becomes of them when their rights change."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from typing import Final
from uuid import UUID

import structlog

from server.errors import AWAY
from server.live.figures import SOCKETS
from server.live.frames import Closing, Refused, framed
from server.live.hub import Hub
from server.live.reader import Reader
from server.live.readers import as_they_are
from server.live.rights import may_read
from server.live.socket import Socket

log = structlog.get_logger(__name__)

# A phone, a tablet, and a few pages. The oldest goes: it may be one that only seems to be there.
SOCKETS_A_MEMBER: Final = 5
# What a member may hear is looked at again so often, whether or not anybody told us to.
LOOK_SECONDS: Final = 3.0
LOST: Final = Refused("no_longer_yours", "You may not hear this channel any more.")


class Crowd:
    """The sockets whose ticket was good."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.sockets: dict[Socket, None] = {}
        self._of: dict[UUID, list[Socket]] = {}
        self._cut: set[UUID] = set()
        self._wake = asyncio.Event()

    def add(self, socket: Socket) -> None:
        """Let somebody in. Of too many sockets of one member the oldest is closed."""
        self.sockets[socket] = None
        SOCKETS.set(len(self.sockets))
        member = socket.reader.member
        if member is not None:
            own = self._of.setdefault(member, [])
            own.append(socket)
            for oldest in own[:-SOCKETS_A_MEMBER]:
                oldest.shut(Closing.REPLACED, "A newer socket has taken its place.")
                self.remove(oldest)

    def remove(self, socket: Socket) -> None:
        """Forget a socket, and what it heard."""
        self.sockets.pop(socket, None)
        SOCKETS.set(len(self.sockets))
        member = socket.reader.member
        if member is not None and socket in self._of.get(member, []):
            self._of[member].remove(socket)
            if not self._of[member]:
                del self._of[member]
        for channel in socket.conversation.channels:
            self.hub.leave(socket, socket.reader.inner(channel))
        socket.conversation.channels.clear()

    def cut(self, member_id: UUID) -> None:
        """Look at a member at once."""
        if member_id in self._of:
            self._cut.add(member_id)
            self._wake.set()

    async def watch(self) -> None:
        """Look at everybody again and again, until cancelled."""
        loop = asyncio.get_running_loop()
        everybody_at = loop.time() + LOOK_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(everybody_at):
                    await self._wake.wait()
                sockets = [s for member in self._cut for s in self._of.get(member, [])]
            except TimeoutError:
                sockets = list(self.sockets)
                everybody_at = loop.time() + LOOK_SECONDS
            self._wake.clear()
            self._cut.clear()
            try:
                await self.look_at(sockets)
            except AWAY as failure:
                # Nothing can have changed while nothing can be written.
                log.warning("not_looked", reason=type(failure).__name__)

    async def look_at(self, sockets: Collection[Socket]) -> None:
        """Close who is no member any more, and end what somebody may not hear any more."""
        now = await as_they_are({socket.reader for socket in sockets})
        remaining = list(self._still_welcome(sockets, now))
        pairs = [(s, channel) for s in remaining for channel in s.conversation.channels]
        answers = await may_read([(s.reader, channel) for s, channel in pairs])
        for (socket, channel), may in zip(pairs, answers, strict=True):
            if not may and channel in socket.conversation.channels:
                socket.conversation.channels.discard(channel)
                self.hub.leave(socket, socket.reader.inner(channel))
                socket.write(framed(LOST.on(channel)), 1)

    def _still_welcome(
        self, sockets: Collection[Socket], now: Mapping[Reader, Reader]
    ) -> Iterator[Socket]:
        for socket in sockets:
            if socket not in self.sockets:
                continue
            if socket.reader in now:
                socket.reader = now[socket.reader]
                yield socket
            else:
                socket.shut(Closing.UNAUTHENTICATED, "Not any more.")
                self.remove(socket)
