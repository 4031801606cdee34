"""The limit of sockets: a bare `websockets` server that gives to everybody what it is fed."""

import asyncio
import os
import sys
from http import HTTPStatus
from typing import Any

import msgspec
import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.http11 import Request, Response

CONNECTIONS: set[ServerConnection] = set()


async def handle(connection: ServerConnection) -> None:
    CONNECTIONS.add(connection)
    try:
        await connection.wait_closed()
    finally:
        CONNECTIONS.discard(connection)


def look(connection: ServerConnection, request: Request) -> Response | None:
    """Say that it is there."""
    return connection.respond(HTTPStatus.OK, "") if request.path == "/" else None


async def feed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Lines with a JSON array of texts."""
    while line := await reader.readline():
        for text in msgspec.json.decode(line, type=list[str]):
            broadcast(CONNECTIONS, text)
    writer.close()


async def main() -> None:
    await asyncio.start_unix_server(feed, os.environ["BENCH_FEED"], limit=2**24)
    port = int(sys.argv[1])
    options: dict[str, Any] = {"compression": None, "ping_interval": None, "backlog": 4096}
    async with serve(handle, "127.0.0.1", port, process_request=look, **options) as server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
