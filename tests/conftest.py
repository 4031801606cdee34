"""What all tests share: the application, its servers, and people who call it."""

import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar import Litestar

from community.charter import service as charter
from ground import valkey
from ground.engine import close_pool, connect_to, open_pool, require_pool
from server.app import create_app
from server.auth.emulator import emulator_token
from server.config import DEVELOPMENT_PROJECT, Settings

pytest_plugins = ["tests.servers", "tests.statements"]

# A shell starts what it puts into the background deaf to Ctrl-C, and so would be all that the
# tests start to send it one.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests that are not about limits don't meet any.
NO_LIMIT = 1_000_000
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
A_CENTURY = timedelta(days=36500)


@pytest.fixture(scope="session")
def settings(database_url: str, redis_url: str) -> Settings:
    """The settings of `app`."""
    return Settings(
        environment="test",
        database_url=database_url,
        redis_url=redis_url,
        reads_per_minute=NO_LIMIT,
        writes_per_minute=NO_LIMIT,
        ingestions_per_minute=NO_LIMIT,
        sign_ins_per_minute=NO_LIMIT,
        failures_per_minute=NO_LIMIT,
    )


class Owner:
    """The owner of the tables, with a connection of its own: the application may do less."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.connection = connection

    async def execute(self, sql: str) -> str:
        return await self.connection.execute(sql)

    async def table_names(self) -> list[str]:
        rows = await self.connection.fetch(
            "SELECT quote_ident(tablename) AS name FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename <> 'migration'"
        )
        return [row["name"] for row in rows]

    async def empty(self, tables: list[str]) -> None:
        """Delete everything, past the triggers that forbid it to everybody else."""
        filled = " UNION ALL ".join(
            f"SELECT '{table}' AS name WHERE EXISTS (SELECT FROM {table})" for table in tables
        )
        async with self.connection.transaction():
            rows = await self.connection.fetch(filled)
            if rows:
                deletions = "; ".join(f"DELETE FROM {row['name']}" for row in rows)
                await self.execute(f"SET LOCAL session_replication_role = replica; {deletions}")


@pytest.fixture(scope="session")
async def owner(database_url: str, owned: Callable[[str], str]) -> AsyncIterator[Owner]:
    """Who may do to the database what the application may not."""
    connection = await asyncpg.connect(owned(database_url))
    yield Owner(connection)
    await connection.close()


@pytest.fixture(scope="session")
async def servers(database_url: str, redis_url: str, owner: Owner) -> AsyncIterator[list[str]]:
    """The open pool and the Valkey client. Gives the names of the tables."""
    connect_to(database_url)
    await open_pool()
    valkey.open_valkey(redis_url)
    yield await owner.table_names()
    await valkey.close_valkey()
    await close_pool()


@pytest.fixture
async def database(servers: list[str], owner: Owner) -> AsyncIterator[None]:
    """PostgreSQL and Valkey, empty but for the first charter. What is committed is gone after."""
    await charter.publish_first()
    yield
    pool = require_pool()
    in_use = pool.get_size() - pool.get_idle_size()
    await owner.empty(servers)
    await valkey.client().flushdb()
    assert in_use == 0, "the test left a connection in use (I50)"


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Litestar]:
    """The application. Its lifespan doesn't run: `database` has its connections."""
    app = create_app(settings)
    yield app
    app.state.verifier.close()


@pytest.fixture
async def client(app: Litestar, database: None) -> AsyncIterator[httpx.AsyncClient]:
    """A caller without credentials, in the test's own event loop."""
    app.state.callers.members.forget_all()
    app.state.callers.keys.forget_all()
    async with calling(app) as client:
        yield client


def calling(app: Litestar, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """A client of an application, from an address."""
    transport = httpx.ASGITransport(app=app, client=(address, 50000), raise_app_exceptions=False)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


@pytest.fixture
def sign_in() -> Callable[..., dict[str, str]]:
    """The headers of somebody who signed in with Firebase, member or not.

    The token lasts for a century, so that a test may doctor the clock.
    """

    def headers(uid: str, **claims: str | bool) -> dict[str, str]:
        token = emulator_token(
            DEVELOPMENT_PROJECT,
            uid,
            issued_at=LONG_AGO,
            lasts=A_CENTURY,
            **claims,  # type: ignore[arg-type]
        )
        return {"Authorization": f"Bearer {token}"}

    return headers


@pytest.fixture
def join(
    client: httpx.AsyncClient, sign_in: Callable[..., dict[str, str]]
) -> Callable[..., Awaitable[UUID]]:
    """Let somebody join over HTTP, as the app does. Gives their member id."""

    async def joined(uid: str, display_name: str, **more: str) -> UUID:
        body = {
            "display_name": display_name,
            "locale": "fr",
            "time_zone": "Europe/Paris",
            "charter_version": 1,
            "old_enough": True,
            **more,
        }
        answer = await client.post("/v1/members", json=body, headers=sign_in(uid))
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"])

    return joined
