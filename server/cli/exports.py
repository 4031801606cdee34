"""`ambassade export`: hand out members, activities or awards as CSV."""

import csv
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, get_args

import click

from community.exports.lists import What
from community.exports.service import pages
from server.cli.connected import data_dir_option
from server.cli.operator import operator
from server.cli.up_to_date import on_current_tables


@click.command()
@click.argument("what", type=click.Choice(get_args(What)))
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write; a file that is there is replaced.  [default: the standard output]",
)
@click.option("--source", help="Only what came from this source.")
@data_dir_option
def export(*, what: What, output: Path | None, source: str | None, data_dir: Path) -> None:
    """Hand out members, activities or awards as CSV, in UTF-8.

    What came from a source is told in the source's own ids and names. Those who left are in
    no export.
    """

    async def write() -> int:
        lines = 0
        with opened(output) as file:
            writer = csv.writer(file, lineterminator="\n")
            async for page in pages(what, source=source, by=operator()):
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
