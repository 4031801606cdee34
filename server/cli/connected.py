"""A command's way to the servers: those it is given, those that run, or its own for a while."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

import asyncpg
import click
import uvloop

from ground.engine import close_pool, connect_to, open_pool
from ground.valkey import close_valkey, open_valkey
from server.config import Settings
from server.embedded.errors import ServersError
from server.embedded.places import default_data_dir
from server.embedded.servers import DATABASE_OWNER_URL, DATABASE_URL, REDIS_URL, Servers, servers
from server.programme import apply_programme

T = TypeVar("T")

data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=default_data_dir,
    envvar="AMBASSADE_DATA_DIR",
    metavar="DIR",
    help="Where the embedded PostgreSQL and Valkey keep their data.  [default: .data]",
)


class DatabaseAway(ServersError):
    """PostgreSQL doesn't answer, or doesn't let us in."""


def connected(data_dir: Path, work: Callable[[], Awaitable[T]]) -> T:
    """Run `work` with both servers at hand, and without the time limits of requests."""
    apply_programme(settings_of_a_command(os.environ))
    with servers(data_dir) as found:
        return run_with(found, work)


def settings_of_a_command(environment: Mapping[str, str]) -> Settings:
    """The settings, of development unless said otherwise: a command serves nobody."""
    return Settings.from_environment({"ENVIRONMENT": "development", **environment})


def run_with(found: Servers, work: Callable[[], Awaitable[T]]) -> T:
    """Run `work` with these servers, on the loop that serves requests too."""
    lead_to(found)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_with_connections(found.redis_url, work))


def as_owner(found: Servers, work: Callable[[], Awaitable[T]]) -> T:
    """Run `work` as the owner of the tables: for migrations, and nothing else."""
    lead_to(found)
    connect_to(found.owner_url)
    try:
        return asyncio.run(_with_connections(found.redis_url, work, named=found.owned_by))
    finally:
        connect_to(found.database_url)


def lead_to(found: Servers) -> None:
    """Let this process and the ones it starts use these servers."""
    os.environ[DATABASE_URL] = found.database_url
    os.environ[REDIS_URL] = found.redis_url
    # What they start has no use for the owner's password. Empty, for `.env` may hold it too.
    os.environ[DATABASE_OWNER_URL] = ""
    connect_to(found.database_url)


async def _with_connections(
    redis_url: str, work: Callable[[], Awaitable[T]], *, named: str = DATABASE_URL
) -> T:
    try:
        await open_pool(patient=True, max_size=16)
    except (OSError, asyncpg.PostgresError) as error:
        raise DatabaseAway(
            f"PostgreSQL can't be reached at {named} ({error}). Is it running, and is the "
            "address right?"
        ) from error
    open_valkey(redis_url)
    try:
        return await work()
    finally:
        await close_valkey()
        await close_pool()
