"""The real process: uvicorn, its lifespan, its signals, and bytes on the wire."""

import asyncio
import os
import resource
import signal
import socket
import sys
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
import uvicorn
from uvicorn.server import ServerState

from server.wire import LimitedProtocol
from tests.server.test_outages import Wire

pytestmark = pytest.mark.long

PATIENCE = 30


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@asynccontextmanager
async def serving(database_url, redis_url, **settings):
    """A process that serves, and the port on which it does."""
    port = free_port()
    environment = os.environ | {
        "ENVIRONMENT": "development",
        "LOG_LEVEL": "warning",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        **settings,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "api", "--port", str(port), env=environment
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await until(client, "/health/live", 200)
            yield process, port, client
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def until(client, path, status):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            answer = await client.get(path)
            if answer.status_code == status:
                return answer
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError(f"{path} never answered {status}")


async def spoken(port, text):
    """What the server says to some bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text)
    answer = await asyncio.wait_for(reader.read(65536), 10)
    with suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            while piece := await reader.read(65536):
                answer += piece
    writer.close()
    return answer


async def test_a_process_serves_and_stops_in_order(database, database_url, redis_url):
    async with serving(database_url, redis_url, DRAIN_SECONDS="1") as (process, port, client):
        assert (await until(client, "/health/ready", 200)).json()["migrations"] == "applied"
        signed_in = await client.post("/v1/dev/sign-in", json={"uid": "camille"})
        token = {"Authorization": f"Bearer {signed_in.json()['id_token']}"}
        assert (await client.get("/v1/me", headers=token)).status_code == 403
        head = await client.head("/v1/charter")
        assert (head.status_code, head.content) == (200, b"")
        assert "server" not in head.headers

        without_host = await spoken(port, b"GET /v1/charter HTTP/1.0\r\n\r\n")
        assert b"421" in without_host.split(b"\r\n")[0]
        two_lengths = await spoken(
            port,
            b"POST /v1/members HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/me HTTP/1.1\r\n\r\n",
        )
        assert two_lengths.count(b"HTTP/1.1 ") == 1
        assert b" 200 " not in two_lengths
        too_large = b"x" * 70_000
        chunked = await spoken(
            port,
            b"POST /v1/members HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + f"Authorization: {token['Authorization']}\r\n".encode()
            + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (70_000, too_large),
        )
        assert b" 413 " in chunked.split(b"\r\n")[0] + b" "

        nonsense = await spoken(port, b"NONSENSE\r\n\r\n")
        assert b" 400 " in nonsense
        assert b'"code":"malformed"' in nonsense
        twice = await spoken(port, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)
        assert twice.count(b'{"status":"alive"}') == 2

        process.send_signal(signal.SIGTERM)
        draining = await until(client, "/health/ready", 503)
        assert draining.json()["status"] == "draining"
        assert await asyncio.wait_for(process.wait(), 15) == -signal.SIGTERM


def memory_of(pid):
    """Bytes in memory, where the system tells."""
    told = Path(f"/proc/{pid}/statm")
    return int(told.read_text().split()[1]) * resource.getpagesize() if told.exists() else 0


async def flooded(port, piece, pieces):
    """Send a header without end, and return what the server says to it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Endless: ")
    with suppress(ConnectionError):
        for _ in range(pieces):
            writer.write(piece)
            await writer.drain()
    with suppress(ConnectionError):
        return await asyncio.wait_for(reader.read(), 10)
    return b""


async def test_a_head_without_end_is_cut_off(database, database_url, redis_url):
    async with serving(database_url, redis_url) as (process, port, client):
        before = memory_of(process.pid)
        said = await asyncio.gather(*(flooded(port, b"x" * 65536, 500) for _ in range(4)))
        after = memory_of(process.pid)

        assert all(b" 431 " in answer for answer in said if answer)
        assert after - before < 20 * 1024 * 1024
        assert (await client.get("/health/live")).status_code == 200
        large = await client.get("/health/live", headers={"X-Large": "x" * 30_000})
        assert large.status_code == 200


async def test_a_head_that_drips_is_given_up(monkeypatch):
    monkeypatch.setattr("server.wire.SECONDS_FOR_A_HEAD", 0.3)

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    config = uvicorn.Config(app, http=LimitedProtocol, lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: LimitedProtocol(config, state, {}), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    silent, silent_writer = await asyncio.open_connection("127.0.0.1", port)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    # A connection that is used again has its time for each head, and none in between.
    for _ in range(3):
        writer.write(request)
        assert b" 204 " in await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.2)
    writer.write(request[:10])
    started = time.monotonic()
    with suppress(ConnectionError):
        assert await reader.read() == b""
    with suppress(ConnectionError):
        assert await silent.read() == b""
    assert time.monotonic() - started < 2
    silent_writer.close()
    writer.close()
    server.close()


async def test_a_process_that_starts_before_postgresql_waits_for_it(
    database, database_url, redis_url
):
    wire = Wire(database_url)
    await wire.mend()
    await wire.cut()
    async with serving(wire.url, redis_url) as (_, _, client):
        assert (await client.get("/health/ready")).json()["postgresql"] == "away"
        away = await client.get("/v1/charter")
        assert (away.status_code, away.json()["code"]) == (503, "unavailable")
        await wire.mend()
        await until(client, "/health/ready", 200)
        assert (await client.get("/v1/charter")).status_code == 200
    await wire.cut()


async def test_an_unsafe_process_says_why_and_ends(database_url, redis_url):
    environment = os.environ | {
        "ENVIRONMENT": "production",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "FIREBASE_AUTH_EMULATOR_HOST": "localhost:9099",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server",
        "api",
        "--port",
        str(free_port()),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)

    assert process.returncode != 0
    assert "FIREBASE_AUTH_EMULATOR_HOST is set" in said.decode()
    assert "PUBLIC_URL" in said.decode()
    assert "Traceback" not in said.decode()
