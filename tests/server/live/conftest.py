"""A live process's inside in the test's own loop, and clients of it."""

import asyncio
import json
import socket
from contextlib import asynccontextmanager, suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from server.live.serving import Live

CHALLENGE = """
INSERT INTO challenge (id, words, team, counts, goal, starts_at, ends_at, segment, state, made_by,
    made_at, published_at)
VALUES ($1, '{}', 'community', '{}', 10, now(), now() + interval '1 day', $2, $3::text, 'x', now(),
    CASE WHEN $3::text = 'draft' THEN NULL ELSE now() END)
"""


class Client:
    """A client that keeps what it heard."""

    def __init__(self, connection):
        self.connection = connection

    async def say(self, **frame):
        await self.connection.send(json.dumps(frame))

    async def hear(self):
        async with asyncio.timeout(5):
            return json.loads(await self.connection.recv())

    async def closed(self):
        """Code and reason, after whatever came before."""
        async with asyncio.timeout(5):
            with suppress(ConnectionClosed):
                while True:
                    await self.connection.recv()
        return self.connection.close_code, self.connection.close_reason

    async def subscribe(self, channel, **more):
        await self.say(do="subscribe", channel=channel, **more)
        return await self.hear()


class Place:
    """Where the live process is, and the way in."""

    def __init__(self, live, port, api):
        self.live = live
        self.url = f"ws://127.0.0.1:{port}/live"
        self.port = port
        self.api = api

    async def ticket(self, headers, **query):
        answer = await self.api.post("/v1/live/tickets", headers=headers, params=query)
        assert answer.status_code == 201, answer.text
        return answer.json()["ticket"]

    @asynccontextmanager
    async def socket(self, **how):
        async with connect(self.url, compression=None, **how) as connection:
            yield Client(connection)

    @asynccontextmanager
    async def signed_in(self, headers, **how):
        async with self.socket(**how) as client:
            await client.say(do="authenticate", ticket=await self.ticket(headers))
            client.welcome = await client.hear()
            yield client


class Wire:
    """The network between a client and the process, which may begin to swallow everything."""

    def __init__(self, port):
        self.port = port
        self.swallows = False
        self._tasks = set()

    @asynccontextmanager
    async def laid(self):
        """Where to connect instead."""
        server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _join(self, reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        for way in (self._carry(reader, back), self._carry(there, writer)):
            self._tasks.add(asyncio.create_task(way))

    async def _carry(self, reader, writer):
        try:
            while data := await reader.read(65536):
                if not self.swallows:
                    writer.write(data)
            # Whoever is cut off isn't told that the other one hung up either.
            if self.swallows:
                await asyncio.Event().wait()
        finally:
            writer.transport.abort()


@asynccontextmanager
async def living(settings, api):
    """The live process with the tests' servers, for a while."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    live = Live(settings, settings.redis_url)
    async with live.serving(listener):
        async with asyncio.timeout(5):
            while not live.listener.is_hearing:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        yield Place(live, listener.getsockname()[1], api)


@pytest.fixture
async def place(client, settings):
    async with living(settings, client) as place:
        yield place
