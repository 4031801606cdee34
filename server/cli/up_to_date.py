"""A command's way to a database that has the tables of this version."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

import asyncpg
import click

from server import schema
from server.cli.connected import connected

T = TypeVar("T")

WENT_AWAY: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.InterfaceError,
    ConnectionResetError,
    ConnectionRefusedError,
)


def on_current_tables(data_dir: Path, work: Callable[[], Awaitable[T]]) -> T:
    """Run `work` with both servers at hand, or say what to run first."""

    async def checked() -> T:
        if await schema.pending():
            raise click.ClickException("The database is behind. Run: ambassade migrate")
        return await work()

    try:
        return connected(data_dir, checked)
    except WENT_AWAY as error:
        raise click.ClickException(
            f"PostgreSQL went away meanwhile ({error}). Nothing is half done: run the same "
            "command again when it is back."
        ) from error
