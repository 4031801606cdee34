"""`ambassade export`: hand out members, activities, awards or the audit trail as CSV."""

import csv
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, get_args

import click

from community.exports.lists import What
from community.exports.service import pages
from server.cli.connected import data_dir_option
from server.cli.operator import operator
from server.cli.up_to_date import on_current_tables

OUTPUT = click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write; a file that is there is replaced.  [default: the standard output]",
)


class Lists(click.Group):
    """The lists that can be handed out. The audit trail is one with filters of its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [*get_args(What), "audit"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name == "audit":
            return import_module("server.cli.audit").audit  # type: ignore[no-any-return]
        return next((list_command(what) for what in get_args(What) if what == cmd_name), None)


@click.group(cls=Lists)
def export() -> None:
    """Hand out members, activities, awards or the audit trail as CSV, in UTF-8."""


def list_command(what: What) -> click.Command:
    """The command that hands a list out."""

    @click.command(what, short_help=f"Hand out {what}.")
    @OUTPUT
    @click.option("--source", help="Only what came from this source.")
    @data_dir_option
    def command(*, output: Path | None, source: str | None, data_dir: Path) -> None:
        """Hand it out as CSV, in UTF-8.

        What came from a source is told in the source's own ids and names. Those who left are in
        no export.
        """
        hand_out(what, output, data_dir, lambda: pages(what, source=source, by=operator()))

    return command


Rows = AsyncIterator[list[list[str]]]


def hand_out(what: str, output: Path | None, data_dir: Path, rows: Callable[[], Rows]) -> None:
    """Write rows, a page at a time; the first one holds the names of the columns."""

    async def write() -> int:
        lines = 0
        with opened(output) as file:
            writer = csv.writer(file, lineterminator="\n")
            async for page in rows():
                writer.writerows(page)
                lines += len(page)
        return lines - 1

    try:
        lines = on_current_tables(data_dir, write)
    except BrokenPipeError:
        # Whoever read it has seen enough. Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    if output is not None:
        click.echo(f"{lines} {what} written to {output}.", err=True)


@contextmanager
def opened(output: Path | None) -> Iterator[IO[str]]:
    """A file to write to. One with a name is there only once it is whole."""
    if output is None:
        with open(
            sys.stdout.fileno(), "w", encoding="utf-8", newline="", closefd=False
        ) as standard:
            yield standard
        return
    try:
        # Made for its owner alone: it may hold names.
        unfinished = tempfile.NamedTemporaryFile(  # noqa: SIM115 - closed below, then renamed
            "w", encoding="utf-8", newline="", dir=output.parent, prefix=".export-", delete=False
        )
    except OSError as error:
        raise click.ClickException(f"{output} can't be written: {error.strerror}.") from error
    try:
        with unfinished:
            yield unfinished
        Path(unfinished.name).replace(output)
    except BaseException:
        Path(unfinished.name).unlink(missing_ok=True)
        raise
