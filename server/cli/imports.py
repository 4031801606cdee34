"""`ambassade import`: bring in the history of another community."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Final

import click
import msgspec

from community.imports.dump import Dump, examined
from community.imports.service import Report, import_dump
from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.reading import read_toml
from gamification.ledger.activity import Status
from server.cli.connected import data_dir_option
from server.cli.operator import operator
from server.cli.progress import shown_progress
from server.cli.sources import acceptable_source
from server.cli.tables import INTERRUPTED, csv_table, discourse_table
from server.cli.up_to_date import on_current_tables

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "stackexchange" / "catalogue.toml"


@click.group("import")
def imports() -> None:
    """Bring in the history of another community."""


imports.add_command(csv_table)
imports.add_command(discourse_table)


@imports.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--source", help="What to call it here.  [default: the name of the folder]")
@click.option(
    "--catalogue",
    "catalogue_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Other kinds and badges.  [default: examples/stackexchange/catalogue.toml]",
)
@click.option(
    "--exported-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of the export.  [default: the newest day that the dump speaks of]",
)
@data_dir_option
def stackexchange(
    *,
    folder: Path,
    source: str | None,
    catalogue_file: Path | None,
    exported_on: datetime | None,
    data_dir: Path,
) -> None:
    """Bring in a data dump of a Stack Exchange community: its members and what they did.

    DIR holds Users.xml, Posts.xml, Votes.xml, Comments.xml and PostHistory.xml. Its members
    are unclaimed until they come and accept the charter. Start it again after it was stopped,
    or with a newer dump: what is known counts once.
    """
    name = named(folder, source)
    catalogue = read_catalogue(catalogue_file or EXAMPLE)
    with shown_progress() as tell:
        dump = examined(folder, lambda file, rows: tell(file, rows, rows))
        if exported_on is not None:
            dump = dated(dump, exported_on.date())

        async def bring_in() -> Report:
            return await import_dump(
                dump, source=name, catalogue=catalogue, by=operator(), progress=tell
            )

        try:
            report = on_current_tables(data_dir, bring_in)
        except KeyboardInterrupt:
            click.echo("Stopped. What came in stays. Run the same command to go on.", err=True)
            sys.exit(INTERRUPTED)
    click.echo(said_of(report, name))


def named(folder: Path, source: str | None) -> str:
    """The name of the source: that of the folder, unless another is given."""
    return acceptable_source(folder.resolve().name.lower() if source is None else source)


def read_catalogue(file: Path) -> CatalogueFile:
    """The catalogue to publish under the source's name."""
    try:
        return read_toml(file.read_bytes())
    except OSError as error:
        raise click.ClickException(
            f"{file} can't be read ({error.strerror}). Name a catalogue with --catalogue."
        ) from error


def dated(dump: Dump, exported_on: date) -> Dump:
    """The dump with the day of its export."""
    if exported_on < dump.exported_on:
        raise click.ClickException(
            f"The dump speaks of {dump.exported_on}, so it wasn't exported on {exported_on}."
        )
    return msgspec.structs.replace(dump, exported_on=exported_on)


def said_of(report: Report, source: str) -> str:
    """The report as a person reads it."""
    published = f"{report.published} definitions published" if report.published else "as it was"
    new, known = report.activities[Status.RECORDED], report.activities[Status.DUPLICATE]
    lines = [
        f"{source} is in.",
        f"  catalogue   {published}",
        f"  members     {report.people_new} new, {report.people_known} known",
        f"  activities  {new} new, {known} known",
    ]
    for why, number in sorted(report.skipped.items()):
        if number:
            lines.append(f"  skipped     {number} {why}")
    return "\n".join(lines)
