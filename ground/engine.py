"""The one PostgreSQL engine, its pool, and reviewed SQL on the current transaction."""

import asyncio
import os
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine

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
        async with require_pool().acquire(timeout=ACQUIRE_SECONDS) as connection:
            rows: Any = await connection.fetch(query, *args)
            return list(rows)


DB = Engine(config={"dsn": os.environ.get("DATABASE_URL", LOCAL_DATABASE)})


class PoolNotOpen(RuntimeError):
    """A query ran before `open_pool()`: each one would open a connection of its own."""


def connect_to(database_url: str) -> None:
    """Use another database from the next `open_pool()` on."""
    DB.config = {"dsn": database_url}


async def _keep_as_it_is(_: Any) -> None:
    # asyncpg's reset query costs a round trip on every release. Pooled connections never
    # change their session (a test sees to it), and an open transaction is rolled back anyway.
    return None


async def open_pool(*, max_size: int = 10, patient: bool = False) -> None:
    """Open the pool in the running loop. `patient` lifts the time limits, for long commands."""
    limits = {
        "statement_timeout": "0" if patient else "5s",
        "idle_in_transaction_session_timeout": "0" if patient else "10s",
        "lock_timeout": "60s" if patient else "2s",
        "application_name": "ambassade",
        # Short statements on small batches: compiling them costs more than it saves.
        "jit": "off",
    }
    await DB.start_connection_pool(
        min_size=1,
        max_size=max_size,
        timeout=ACQUIRE_SECONDS,
        command_timeout=None if patient else COMMAND_SECONDS,
        server_settings=limits,
        reset=_keep_as_it_is,
    )


async def close_pool() -> None:
    """Close the pool; connections that don't answer are cut after two seconds."""
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


async def fetch(sql: str, *args: Any) -> list[asyncpg.Record]:
    """Rows of reviewed SQL, in the current transaction if there is one."""
    current = DB.current_transaction.get()
    if current is not None:
        return list(await current.connection.fetch(sql, *args))
    async with require_pool().acquire(timeout=ACQUIRE_SECONDS) as connection:
        return list(await connection.fetch(sql, *args))


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
    current = DB.current_transaction.get()
    if current is not None:
        return str(await current.connection.execute(sql, *args))
    async with require_pool().acquire(timeout=ACQUIRE_SECONDS) as connection:
        return str(await connection.execute(sql, *args))
