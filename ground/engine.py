"""The one PostgreSQL engine, its pool, and reviewed SQL on the current transaction."""

import asyncio
import os
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import asyncpg
from asyncpg.pool import PoolAcquireContext
from piccolo.engine.postgres import PostgresEngine

from ground.ending import is_told_to_end
from ground.pulse import LONG_PATIENCE_SECONDS, PATIENCE_SECONDS, PostgresAway, Pulse

T = TypeVar("T")
ACQUIRE_SECONDS = 2.0
COMMAND_SECONDS = 5.0

LOCAL_DATABASE = "postgresql://postgres@localhost:5432/ambassade"


class Engine(PostgresEngine):
    """Piccolo's engine, with a time limit on waiting for a connection."""

    async def check_version(self) -> None:
        """Nothing: an import must not connect. `ambassade doctor` looks at the version."""

    async def prep_database(self) -> None:
        """Nothing: no extension is needed."""

    async def _run_in_pool(self, query: str, args: Any = ()) -> list[dict[str, Any]]:
        rows: Any = await fetch(query, *args)
        return list(rows)


DB = Engine(config={"dsn": os.environ.get("DATABASE_URL", LOCAL_DATABASE)})

_pulse: Pulse | None = None
# What is to be cut off when PostgreSQL doesn't answer.
_connections: "weakref.WeakSet[asyncpg.Connection[Any]]" = weakref.WeakSet()
_connecting: "set[asyncio.Task[asyncpg.Connection[Any]]]" = set()


class PoolNotOpen(RuntimeError):
    """A query ran before `open_pool()`: each one would open a connection of its own."""


def connect_to(database_url: str) -> None:
    """Use another database from the next `open_pool()` on."""
    DB.config = {"dsn": database_url}


async def _keep_as_it_is(_: Any) -> None:
    # asyncpg's reset query costs a round trip on every release. Pooled connections never
    # change their session (a test sees to it), and an open transaction is rolled back anyway.
    return None


async def _connect(*where: Any, **how: Any) -> "asyncpg.Connection[Any]":
    """A connection for the pool, unless PostgreSQL is or goes away meanwhile."""
    if is_away():
        raise PostgresAway
    connecting = asyncio.create_task(_connected(*where, **how))
    _connecting.add(connecting)
    connecting.add_done_callback(_connecting.discard)
    try:
        connection = await connecting
    except asyncio.CancelledError:
        if not is_told_to_end():
            raise PostgresAway from None
        connecting.add_done_callback(_hang_up)
        raise
    _connections.add(connection)
    return connection


def _hang_up(connecting: "asyncio.Task[asyncpg.Connection[Any]]") -> None:
    """Nobody wants it any more."""
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().terminate()


async def _connected(*where: Any, **how: Any) -> "asyncpg.Connection[Any]":
    connection: asyncpg.Connection[Any] = await asyncpg.connect(*where, **how)
    return connection


async def _connect_pulse(patience: float) -> "asyncpg.Connection[Any]":
    settings = {"application_name": "ambassade-pulse"}
    return await _connected(**DB.config, timeout=patience, server_settings=settings)


def _cut_off() -> None:
    """Let everybody who waits know at once that there is nothing to wait for.

    Who waits for a free connection gets one of those that are cut here, and is refused another.
    """
    for connecting in list(_connecting):
        connecting.cancel()
    for connection in list(_connections):
        # Never close(): it can wait for ever on a frozen server (asyncpg issue 1356).
        connection.terminate()


async def _stop_pulse() -> None:
    global _pulse
    if _pulse is not None:
        stopping, _pulse = _pulse, None
        await stopping.stop()


async def open_pool(*, max_size: int = 10, patient: bool = False) -> None:
    """Open the pool in the running loop. `patient` lifts the time limits, for long commands."""
    global _pulse
    limits = {
        "statement_timeout": "0" if patient else "5s",
        "idle_in_transaction_session_timeout": "0" if patient else "10s",
        "lock_timeout": "60s" if patient else "2s",
        "application_name": "ambassade",
        # Short statements on small batches: compiling them costs more than it saves.
        "jit": "off",
    }
    patience = LONG_PATIENCE_SECONDS if patient else PATIENCE_SECONDS
    await _stop_pulse()
    first = await _connect_pulse(ACQUIRE_SECONDS)
    try:
        await DB.start_connection_pool(
            # None that asyncpg looks after by itself: it would also try while nobody answers.
            min_size=0,
            init_size=1,
            max_size=max_size,
            timeout=ACQUIRE_SECONDS,
            command_timeout=None if patient else COMMAND_SECONDS,
            server_settings=limits,
            connect=_connect,
            reset=_keep_as_it_is,
        )
    except BaseException:
        first.terminate()
        raise
    _pulse = Pulse(first, partial(_connect_pulse, patience), _cut_off, patience)


async def close_pool() -> None:
    """Close the pool; connections that don't answer are cut after two seconds."""
    await _stop_pulse()
    if DB.pool is None:
        return
    pool, DB.pool = DB.pool, None
    try:
        await asyncio.wait_for(pool.close(), timeout=2)
    except (TimeoutError, asyncpg.PostgresError, OSError):
        pool.terminate()


def require_pool() -> "asyncpg.Pool[asyncpg.Record]":
    """The open pool."""
    if DB.pool is None:
        raise PoolNotOpen
    return DB.pool


def is_away() -> bool:
    """Whether PostgreSQL doesn't answer."""
    return _pulse is not None and _pulse.is_away


def borrowed() -> PoolAcquireContext:
    """A connection of the pool for a while; `PostgresAway` at once when it can't be had."""
    if is_away():
        raise PostgresAway
    return require_pool().acquire(timeout=ACQUIRE_SECONDS)


def _note_heard() -> None:
    if _pulse is not None:
        _pulse.heard += 1


async def _asked(ask: Callable[[Any], Awaitable[T]]) -> T:
    """What PostgreSQL answers, in the current transaction if there is one."""
    current = DB.current_transaction.get()
    try:
        if current is not None:
            answer = await ask(current.connection)
        else:
            answer = await _asked_by_itself(ask)
    except asyncpg.InternalClientError as failure:
        raise PostgresAway from failure
    _note_heard()
    return answer


async def _asked_by_itself(ask: Callable[[Any], Awaitable[T]]) -> T:
    async with borrowed() as connection:
        try:
            return await ask(connection)
        except asyncpg.InternalClientError:
            # PostgreSQL took its leave on this connection, and hasn't hung up yet.
            connection.terminate()
            raise


async def fetch(sql: str, *args: Any) -> list[asyncpg.Record]:
    """Rows of reviewed SQL, in the current transaction if there is one."""
    return list(await _asked(lambda connection: connection.fetch(sql, *args)))


async def fetchrow(sql: str, *args: Any) -> asyncpg.Record | None:
    """The first row, if any."""
    rows = await fetch(sql, *args)
    return rows[0] if rows else None


async def fetchval(sql: str, *args: Any) -> Any:
    """The first column of the first row, if any."""
    row = await fetchrow(sql, *args)
    return None if row is None else row[0]


async def execute(sql: str, *args: Any) -> str:
    """Run reviewed SQL; return its command tag, such as `UPDATE 3`."""
    return str(await _asked(lambda connection: connection.execute(sql, *args)))


async def copy_in(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows with COPY, in the current transaction if there is one."""
    await _asked(
        lambda connection: connection.copy_records_to_table(table, columns=columns, records=rows)
    )


@asynccontextmanager
async def meanwhile(statement: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let PostgreSQL work on a statement of this transaction while the block reckons.

    The block may not ask PostgreSQL anything: a connection does one thing at a time.
    """
    working = asyncio.create_task(statement)
    try:
        await asyncio.sleep(0)
        yield
    except BaseException:
        working.cancel()
        await asyncio.wait({working})
        raise
    await working
