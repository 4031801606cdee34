"""After bursts nothing is left in use (I50), and PostgreSQL may go away and come back (I51)."""

import asyncio
import random
import socket
import time
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
import uvicorn

from ground import engine
from ground.engine import close_pool, connect_to, fetchval, open_pool, require_pool
from tests.conftest import calling
from tests.server.trial import TrialController

IN_TRANSACTION = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND state LIKE 'idle in transaction%'"
)


async def settled(before):
    """Wait until no more tasks run than before, and no connection is in use."""
    async with asyncio.timeout(20):
        while len(asyncio.all_tasks()) > before or in_use():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def in_use():
    return require_pool().get_size() - require_pool().get_idle_size()


async def test_a_burst_with_errors_and_cancellations_leaves_nothing_in_use(trials, sign_in):
    before = len(asyncio.all_tasks())
    dice = random.Random(7)
    endings = ["done", "refused", "wrong", "crash", "doomed"]

    async def one(number):
        headers = sign_in(f"uid-{number % 7}")
        if number % 2:
            headers |= {"Idempotency-Key": f"k-{number % 20}"}
        body = {"name": "A", "then": dice.choice(endings), "times": dice.randint(1, 4)}
        post = asyncio.create_task(trials.post("/v1/trials", json=body, headers=headers))
        if number % 3 == 0:
            await asyncio.sleep(dice.uniform(0, 0.05))
            post.cancel()
        with suppress(asyncio.CancelledError, httpx.HTTPError):
            return (await post).status_code

    statuses = [await asyncio.gather(*(one(n) for n in range(40))) for _ in range(5)]
    await settled(before)

    assert {201, 409, 500} <= {status for row in statuses for status in row}
    assert in_use() == 0
    assert await fetchval(IN_TRANSACTION) == 0
    rows = await fetchval("SELECT count(*) FROM audit_entry")
    again = await trials.post("/v1/trials", json={"name": "A"}, headers=sign_in("x"))
    assert again.json() == {"count": rows + 1}


@pytest.fixture
async def served(trial_app, database):
    """The application behind real sockets, in this event loop. Gives its port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(
        trial_app, lifespan="off", http="server.wire:LimitedProtocol", ws="none", log_config=None
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield listener.getsockname()[1]
    server.should_exit = True
    await serving


async def test_five_hundred_who_hang_up_in_the_middle_leave_nothing_in_use(
    served, trial_app, sign_in
):
    """I50: connections, transactions, tasks and open files are as before."""
    token = sign_in("camille")["Authorization"]
    act = b'{"name": "A", "times": 3}'
    calls = [
        b"GET /v1/trials/sleep HTTP/1.1\r\nHost: localhost\r\n\r\n",
        f"GET /v1/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n".encode(),
        (
            f"POST /v1/trials HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(act)}\r\n\r\n"
        ).encode()
        + act,
        (
            f"POST /v1/trials HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
        ).encode(),
    ]
    dice = random.Random(50)

    async def hang_up_on(call):
        _, writer = await asyncio.open_connection("127.0.0.1", served)
        writer.write(call)
        await asyncio.sleep(dice.uniform(0, 0.3))
        writer.transport.abort()

    # As many connections as there will ever be.
    await asyncio.gather(*(hang_up_on(calls[n % 3]) for n in range(60)))
    async with calling(trial_app) as client:
        await asyncio.gather(*(client.get("/v1/trials/sleep") for _ in range(20)))
    await settled(len(asyncio.all_tasks()))
    tasks, files = len(asyncio.all_tasks()), psutil.Process().num_fds()

    await asyncio.gather(*(hang_up_on(calls[n % 4]) for n in range(500)))
    await settled(tasks)

    assert abs(len(asyncio.all_tasks()) - tasks) <= 5
    assert abs(psutil.Process().num_fds() - files) <= 5
    assert await fetchval(IN_TRANSACTION) == 0


async def test_who_hangs_up_half_way_leaves_nothing_in_use(trial_app, database, sign_in):
    before = len(asyncio.all_tasks())
    token = sign_in("camille")["Authorization"].encode()
    headers = [
        (b"host", b"localhost"),
        (b"authorization", token),
        (b"content-type", b"application/json"),
        (b"content-length", b"100"),
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/trials",
        "raw_path": b"/v1/trials",
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
    said = [{"type": "http.request", "body": b'{"na', "more_body": True}]
    sent = []

    async def receive():
        return said.pop(0) if said else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await trial_app(scope, receive, send)
    await settled(before)

    assert sent == []
    assert await fetchval("SELECT count(*) FROM audit_entry") == 0


async def test_more_at_once_than_connections_are_all_answered(trials):
    answers = await asyncio.gather(*(trials.get("/v1/trials/sleep") for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}


async def test_who_waits_too_long_for_a_connection_is_told_to_come_back(trials, monkeypatch):
    monkeypatch.setattr(engine, "ACQUIRE_SECONDS", 0.1)
    answers = await asyncio.gather(*(trials.get("/v1/trials/sleep") for _ in range(40)))

    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 503}
    assert all("retry-after" in a.headers for a in answers if a.status_code == 503)


async def is_back():
    async with asyncio.timeout(5):
        while engine.is_away():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


class Wire:
    """A way to PostgreSQL that can be cut, and mended."""

    def __init__(self, url):
        self.parts = urlsplit(url)
        self.server = None
        self.port = 0
        self.open = set()
        self.carrying = set()
        self.moves = asyncio.Event()
        self.moves.set()

    async def mend(self):
        self.server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def cut(self):
        self.server.close()
        for writer in list(self.open):
            writer.transport.abort()
        for carried in list(self.carrying):
            carried.cancel()
        await asyncio.gather(*self.carrying, return_exceptions=True)
        await asyncio.sleep(0.05)

    def freeze(self):
        """Carry nothing any more, and let nobody know."""
        self.moves.clear()

    def thaw(self):
        self.moves.set()

    async def _carry(self, reader, writer):
        """Both ends are let go however the carrying ends: even while the far one is reached."""
        self.carrying.add(asyncio.current_task())
        self.open.add(writer)
        ends = {writer}
        try:
            with suppress(OSError, asyncio.CancelledError):
                far_reader, far_writer = await self._reach()
                ends.add(far_writer)
                self.open.add(far_writer)
                await asyncio.gather(
                    self._copy(reader, far_writer),
                    self._copy(far_reader, writer),
                    return_exceptions=True,
                )
        finally:
            self.open -= ends
            self.carrying.discard(asyncio.current_task())
            for end in ends:
                end.transport.abort()

    async def _reach(self):
        if self.parts.hostname:
            return await asyncio.open_connection(self.parts.hostname, self.parts.port or 5432)
        return await asyncio.open_unix_connection(self.socket())

    async def _copy(self, reader, writer):
        while chunk := await reader.read(65536):
            await self.moves.wait()
            writer.write(chunk)
            await writer.drain()
        writer.close()

    def socket(self):
        query = dict(pair.split("=") for pair in self.parts.query.split("&"))
        return f"{query['host']}/.s.PGSQL.{query.get('port', 5432)}"

    @property
    def url(self):
        user = self.parts.netloc.rpartition("@")[0]
        at = f"{user}@" if user else ""
        return self.parts._replace(netloc=f"{at}127.0.0.1:{self.port}", query="").geturl()


@pytest.fixture
async def wire(database, database_url):
    wire = Wire(database_url)
    await wire.mend()
    await close_pool()
    connect_to(wire.url)
    await open_pool()
    yield wire
    await close_pool()
    await wire.cut()
    connect_to(database_url)
    await open_pool()


async def test_postgresql_may_go_away_and_come_back(trials, wire, sign_in):
    headers = sign_in("camille")

    async def ask():
        started = time.monotonic()
        answer = await trials.post("/v1/trials", json={"name": "A"}, headers=headers)
        return answer, time.monotonic() - started

    assert (await ask())[0].status_code == 201
    await wire.cut()
    while_away = await asyncio.gather(*(ask() for _ in range(30)))
    keyed = await trials.post(
        "/v1/trials", json={"name": "A"}, headers=headers | {"Idempotency-Key": "k"}
    )
    ready = await trials.get("/health/ready")
    await wire.mend()
    await is_back()
    after = [(await ask())[0].status_code for _ in range(20)]

    assert {answer.status_code for answer, _ in while_away} == {503}
    assert all(float(answer.headers["retry-after"]) <= 2.5 for answer, _ in while_away)
    assert max(seconds for _, seconds in while_away) < 2.5
    assert (keyed.status_code, keyed.headers["retry-after"]) == (503, "2")
    assert ready.status_code == 503
    assert after == [201] * 20
    assert in_use() == 0


async def test_a_postgresql_that_stands_still_keeps_nobody_waiting(trials, wire, sign_in):
    """I51: frozen, which refuses nothing, it is noticed; and when it goes on, so do we."""
    headers = sign_in("camille")

    async def ask():
        started = time.monotonic()
        answer = await trials.post("/v1/trials", json={"name": "A"}, headers=headers)
        return answer.status_code, time.monotonic() - started

    await asyncio.gather(*(ask() for _ in range(12)))
    wire.freeze()
    those_at_it = await asyncio.gather(*(ask() for _ in range(40)))
    those_after = await asyncio.gather(*(ask() for _ in range(40)))
    ready = await trials.get("/health/ready")
    wire.thaw()
    await is_back()
    back = [(await ask())[0] for _ in range(20)]

    assert {status for status, _ in those_at_it + those_after} == {503}
    assert max(seconds for _, seconds in those_at_it) < 2.5
    assert sum(seconds for _, seconds in those_after) < 2.5
    assert ready.json()["postgresql"] == "away"
    assert back == [201] * 20
    assert in_use() == 0


async def test_a_statement_that_takes_its_time_is_no_outage(trials, wire):
    """The question whether PostgreSQL answers waits for nobody's statement."""
    assert await fetchval("SELECT pg_sleep(1.6) IS NOT NULL")
    assert not engine.is_away()


async def test_a_connection_lost_in_the_middle_loses_only_its_own_work(
    trials, wire, sign_in, monkeypatch
):
    go_on = asyncio.Event()
    monkeypatch.setattr(TrialController, "let_go", go_on)
    headers = sign_in("camille") | {"Idempotency-Key": "k"}
    first = asyncio.create_task(trials.post("/v1/trials", json={"name": "A"}, headers=headers))
    await asyncio.sleep(0.2)
    await wire.cut()
    go_on.set()
    lost = await first
    await wire.mend()
    await is_back()
    again = await trials.post("/v1/trials", json={"name": "A"}, headers=headers)

    assert lost.status_code == 503
    assert (again.status_code, again.json()) == (201, {"count": 1})
    assert "idempotency-replayed" not in again.headers
