"""One client's socket: written to without ever waiting, and closed when it doesn't read."""

import asyncio
import random
import socket as sockets
from contextlib import suppress
from typing import Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode
from websockets.protocol import State

from server.live.conversation import Conversation
from server.live.figures import CLOSED
from server.live.frames import Closing
from server.live.reader import Reader

MOST_BYTES: Final = 256 * 1024
MOST_MESSAGES: Final = 64
# Many messages at once aren't slowness yet: they are when the client hasn't read for so long.
GRACE_SECONDS: Final = 0.25
# Who hasn't read what waits for them in so long is gone, or as good as that.
STUCK_SECONDS: Final = 5.0
# How long a client has to hear why it is closed.
LINGER_SECONDS: Final = 3.0
# Many stall at the same moment, and would be closed in the middle of an event that others wait for.
SPREAD_SECONDS: Final = 1.0
# What the kernel may hold for a client beside. More of it only hides who doesn't read.
KERNEL_BYTES: Final = 64 * 1024
CONTROL_FRAMES_A_MINUTE: Final = 120


class Connection(ServerConnection):
    """The library's, which answers pings without looking whether anybody reads the answers."""

    _pings = 0
    _counted_from = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the kernel's share small."""
        super().connection_made(transport)
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.family != sockets.AF_UNIX:
            with suppress(OSError):
                raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, KERNEL_BYTES)

    def process_event(self, event: Any) -> None:  # noqa: ANN401 - the library's own union
        """Count pings: a client of ours sends few."""
        super().process_event(event)
        if isinstance(event, WireFrame) and event.opcode is Opcode.PING:
            now = self.loop.time()
            if now - self._counted_from > 60:
                self._pings, self._counted_from = 0, now
            self._pings += 1
            if self._pings > CONTROL_FRAMES_A_MINUTE:
                close(self, Closing.MISUSED, "Too many pings.")


def close(connection: ServerConnection, code: int, reason: str) -> None:
    """Say why, and hang up soon whether the client heard it or not."""
    if connection.protocol.state is not State.OPEN:
        return
    CLOSED.labels(int(code)).inc()
    connection.protocol.send_close(code, reason)
    with suppress(RuntimeError, OSError):
        connection.send_data()
    linger = LINGER_SECONDS + _at_some_moment()
    connection.loop.call_later(linger, connection.transport.abort)


def _at_some_moment() -> float:
    return random.uniform(0, SPREAD_SECONDS)  # noqa: S311 - no secret


class Socket:
    """What the process knows of a client, and the way to it."""

    __slots__ = (
        "_leaves",
        "_loop",
        "_transport",
        "address",
        "connection",
        "conversation",
        "origin",
        "queued",
        "reader",
        "since",
    )

    def __init__(self, connection: ServerConnection, address: str, origin: str | None) -> None:
        self.connection = connection
        self.address = address
        self.origin = origin
        self.conversation = Conversation()
        self.reader = Reader()
        # Messages that waited since `since`, the last moment at which nothing did.
        self.queued = 0
        self._leaves = False
        self._loop = connection.loop
        self._transport = connection.transport
        self.since = self._loop.time()

    @property
    def is_open(self) -> bool:
        return self.connection.protocol.state is State.OPEN

    def write(self, wire: bytes, messages: int) -> None:
        """Send frames, or close a client for whom too much waits already."""
        if self._leaves or self.connection.protocol.state is not State.OPEN:
            return
        waiting = self._transport.get_write_buffer_size()
        if not waiting:
            self.queued = 0
            self.since = self._loop.time()
        elif self._is_too_much(waiting + len(wire)):
            self._give_up()
            return
        self.queued += messages
        try:
            self._transport.write(wire)
        except (RuntimeError, OSError):
            # It was closed a moment ago, which nobody has told us yet. The others go on.
            self._transport.abort()

    def look(self) -> None:
        """Close a client that doesn't read what waits for it."""
        now = self._loop.time()
        waiting = self._transport.get_write_buffer_size()
        if not waiting:
            self.queued, self.since = 0, now
        elif not self._leaves and (now - self.since > STUCK_SECONDS or waiting > MOST_BYTES):
            self._give_up()

    def shut(self, code: int, reason: str) -> None:
        """Close it. Nothing is written after that."""
        close(self.connection, code, reason)

    def _give_up(self) -> None:
        """Write nothing more, and close it in a moment."""
        self._leaves = True
        self._loop.call_later(
            _at_some_moment(), self.shut, Closing.TOO_SLOW, "Come back with your positions."
        )

    def _is_too_much(self, size: int) -> bool:
        if size > MOST_BYTES:
            return True
        return self.queued >= MOST_MESSAGES and self._loop.time() - self.since > GRACE_SECONDS
