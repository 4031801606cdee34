"""The live process: sockets in, announcements out."""

import asyncio
import logging
import random
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from community.publishable.origins import origins_in_use
from ground import valkey
from ground.ending import end, for_ever
from notifications.announcements.wire import unpacked, unpacked_cut
from server.config import Settings
from server.errors import AWAY
from server.health import Health
from server.live import tickets
from server.live.addresses import own_origin
from server.live.archive import Archive
from server.live.conversation import Check, Effect, Join, Leave, Say, Shut
from server.live.crowd import Crowd
from server.live.door import Door
from server.live.frames import LARGEST, Closing, Refused, Unsubscribed, Welcome, framed
from server.live.hub import Hub
from server.live.listening import Listener
from server.live.reader import Reader
from server.live.readers import as_they_are
from server.live.rights import may_read
from server.live.socket import Connection, Socket

log = structlog.get_logger(__name__)

AUTHENTICATE_SECONDS: Final = 5.0
PING_SECONDS: Final = 20
CLOSE_SECONDS: Final = 2.0
# How often PostgreSQL is asked for what Redis may have lost: while it is there, and while not.
COMPARE_SECONDS: Final = 5.0
COMPARE_OFTEN_SECONDS: Final = 1.0
SWEEP_SECONDS: Final = 1.0
ORIGINS_SECONDS: Final = 3.0
# Who is sent away comes back within this time, each at another moment.
COME_BACK_SECONDS: Final = 10.0
LEAVE_SECONDS: Final = 5.0
SLICE: Final = 500
UNAVAILABLE: Final = Refused("unavailable", "Try again in a moment.")
UNKNOWN: Final = Refused("channel_unknown", "There is no such channel, or not for you.")


class Live:
    """Everything that one process holds."""

    def __init__(self, settings: Settings, redis_url: str) -> None:
        self.settings = settings
        self.health = Health()
        self.hub = Hub(Archive())
        self.crowd = Crowd(self.hub)
        self.door = Door(settings, self.health)
        self.listener = Listener(
            redis_url, on_said=self._said, on_cut=self._cut, on_hearing=self._compare_soon
        )
        self._compare = asyncio.Event()
        self._own_origin = own_origin(settings)
        self._all: set[Socket] = set()

    @asynccontextmanager
    async def serving(self, listener: sockets.socket) -> AsyncIterator[Server]:
        """Serve for the length of the block, then send everybody away in order."""
        # Below a warning it would log frames, and so tickets.
        logger = logging.getLogger("websockets.server")
        logger.setLevel(max(logging.INFO, logger.getEffectiveLevel()))
        beside = [
            asyncio.create_task(for_ever(work, work.__qualname__), name=work.__qualname__)
            for work in (
                self.hub.run,
                self.listener.run,
                self.crowd.watch,
                self._compare_forever,
                self._sweep_forever,
                self._read_origins_forever,
            )
        ]
        try:
            async with serve(
                self.handle,
                sock=listener,
                backlog=2048,
                process_request=self.door.look,
                create_connection=Connection,
                compression=None,
                max_size=LARGEST,
                max_queue=8,
                open_timeout=AUTHENTICATE_SECONDS,
                ping_interval=PING_SECONDS,
                ping_timeout=PING_SECONDS,
                close_timeout=CLOSE_SECONDS,
                server_header=None,
                logger=logger,
            ) as server:
                try:
                    yield server
                finally:
                    self.health.drain()
                    await self._send_away(server)
        finally:
            await end(*beside)

    async def handle(self, connection: ServerConnection) -> None:
        """One client, from its first message to its last."""
        request = connection.request
        if request is None:
            return
        socket = Socket(
            connection,
            self.door.address(connection, request),
            next(iter(request.headers.get_all("Origin")), None),
        )
        self._all.add(socket)
        try:
            if await self._authenticated(socket):
                while socket.is_open:
                    await self._answer(socket, await connection.recv())
        except ConnectionClosed:
            return
        finally:
            self._all.discard(socket)
            self.crowd.remove(socket)

    async def _authenticated(self, socket: Socket) -> bool:
        """Let the first message say who it is, while few others do the same from there."""
        strangers = self.door.strangers
        strangers[socket.address] += 1
        try:
            if strangers[socket.address] > self.settings.live_strangers_per_address:
                socket.shut(Closing.MISUSED, "Too many at once from there.")
                return False
            async with asyncio.timeout(AUTHENTICATE_SECONDS):
                await self._answer(socket, await socket.connection.recv())
        except TimeoutError:
            socket.shut(Closing.UNAUTHENTICATED, "No ticket came in time.")
        finally:
            strangers[socket.address] -= 1
            if not strangers[socket.address]:
                del strangers[socket.address]
        return socket.conversation.authenticated

    async def _answer(self, socket: Socket, frame: str | bytes) -> None:
        effect = socket.conversation.received(frame, asyncio.get_running_loop().time())
        try:
            await self._carry_out(socket, effect)
        except (valkey.ValkeyAway, *AWAY) as failure:
            log.info("not_answered", reason=type(failure).__name__)
            if isinstance(effect, Join):
                socket.write(framed(UNAVAILABLE.on(effect.channel)), 1)
            else:
                socket.shut(Closing.LATER, "Try again in a moment.")

    async def _carry_out(self, socket: Socket, effect: Effect) -> None:
        match effect:
            case Say(reply=reply):
                socket.write(framed(reply), 1)
            case Shut(code=code, reason=reason):
                socket.shut(code, reason)
            case Check(ticket=ticket):
                await self._check(socket, ticket)
            case Join(channel=channel, after=after, epoch=epoch):
                await self._join(socket, channel, after, epoch)
            case Leave(channel=channel):
                socket.conversation.channels.discard(channel)
                self.hub.leave(socket, socket.reader.inner(channel))
                socket.write(framed(Unsubscribed(channel)), 1)

    async def _check(self, socket: Socket, ticket: str) -> None:
        reader = await tickets.take(ticket)
        now = {} if reader is None else await as_they_are([reader])
        if reader is None or reader not in now:
            socket.shut(Closing.UNAUTHENTICATED, "The ticket isn't good, or not any more.")
        elif not self._is_welcome(now[reader], socket.origin):
            socket.shut(Closing.NOT_ALLOWED, "The key isn't for this origin.")
        elif socket.is_open:
            socket.reader = now[reader]
            socket.conversation.authenticated = True
            socket.write(framed(Welcome(reader.member, PING_SECONDS)), 1)
            self.crowd.add(socket)

    def _is_welcome(self, reader: Reader, origin: str | None) -> bool:
        """A site's key is for its own pages, and for ours that show it: the frame among them."""
        return reader.key is None or origin in {None, self._own_origin, *reader.origins}

    async def _join(
        self, socket: Socket, channel: str, after: int | None, epoch: str | None
    ) -> None:
        reader = socket.reader
        [may] = await may_read([(reader, channel)])
        if not may:
            socket.write(framed(UNKNOWN.on(channel)), 1)
            return
        await self.hub.join(socket, reader.inner(channel), after, epoch)
        if socket not in self.crowd.sockets:
            # Closed while PostgreSQL was asked.
            self.hub.leave(socket, reader.inner(channel))
            return
        socket.conversation.channels.add(channel)

    def _said(self, message: bytes) -> None:
        try:
            batch = unpacked(message)
        except msgspec.DecodeError:
            log.warning("not_understood", channel="live")
            return
        for said in batch:
            self.hub.hear(said)

    def _cut(self, message: bytes) -> None:
        try:
            self.crowd.cut(unpacked_cut(message).member_id)
        except msgspec.DecodeError:
            log.warning("not_understood", channel="cuts")

    def _compare_soon(self) -> None:
        self._compare.set()

    async def _compare_forever(self) -> None:
        """See what Redis lost: whenever it is heard again, and now and then."""
        is_sure = False
        while True:
            often = not (is_sure and self.listener.is_hearing)
            await _until(self._compare, COMPARE_OFTEN_SECONDS if often else COMPARE_SECONDS)
            self._compare.clear()
            try:
                await self.hub.compare()
                is_sure = True
            except AWAY as failure:
                is_sure = False
                log.info("not_compared", reason=type(failure).__name__)

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            for socket in list(self._all):
                if socket.is_open:
                    socket.look()

    async def _read_origins_forever(self) -> None:
        while True:
            try:
                self.door.origins_of_sites = await origins_in_use()
            except AWAY as failure:
                log.info("origins_not_read", reason=type(failure).__name__)
            await asyncio.sleep(ORIGINS_SECONDS)

    async def _send_away(self, server: Server) -> None:
        """Close all sockets, each with another moment to come back at."""
        server.close(close_connections=False)
        for number, socket in enumerate(list(self._all), start=1):
            seconds = random.uniform(0, COME_BACK_SECONDS)  # noqa: S311 - no secret
            reason = msgspec.json.encode({"retry_after": round(seconds, 1)}).decode()
            socket.shut(Closing.RESTARTING, reason)
            if number % SLICE == 0:
                await asyncio.sleep(0)
        handlers = list(server.handler_tasks)
        if handlers:
            await asyncio.wait(handlers, timeout=LEAVE_SECONDS)
        for connection in list(server.all_connections):
            connection.transport.abort()


async def _until(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
