"""`ambassade import csv` and `import discourse`: bring in a table of people or of what they did."""

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, get_args
from zoneinfo import ZoneInfo

import click
import msgspec

from community.exports.cells import cell
from community.imports import discourse, doings, people
from community.imports.dates import Dates, Order
from community.imports.encodings import ENCODINGS
from community.imports.moving_in import MovingIn
from community.imports.outcome import Refuse, Rejection, Report, Unit
from community.imports.sheet import DELIMITERS, Columns, sheet_at
from community.imports.takers import DoingsTaker, PeopleTaker, Taker
from gamification.players.tables import Population
from ground import clock
from notifications.preferences.zones import known_zones
from server.cli.connected import data_dir_option
from server.cli.exports import opened
from server.cli.operator import operator
from server.cli.progress import shown_progress
from server.cli.sources import acceptable_source
from server.cli.up_to_date import on_current_tables

F = TypeVar("F", bound=Callable[..., Any])
What = Literal["members", "activities"]
INTERRUPTED: Final = 130


class Zone(click.ParamType[ZoneInfo]):
    """A time zone of the IANA database."""

    name = "zone"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> ZoneInfo:
        if value not in known_zones():
            self.fail(f"{value!r} is no time zone such as Europe/Paris.", param, ctx)
        return ZoneInfo(str(value))


OPTIONS: Final = (
    click.option(
        "--all-or-nothing",
        "unit",
        type=click.Choice([unit.value for unit in Unit]),
        default=Unit.FILE.value,
        show_default=True,
        help="What stays out as a whole when a line of it is rejected. A batch has 1,000 lines.",
    ),
    click.option("--dry-run", is_flag=True, help="Change nothing, and say what would happen."),
    click.option(
        "--report",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write every rejected line and its reason there, as CSV.",
    ),
    click.option(
        "--encoding",
        type=click.Choice(list(ENCODINGS)),
        help="How the text is written.  [default: UTF-8, UTF-16 or Windows-1252, as it is]",
    ),
    click.option(
        "--delimiter",
        type=click.Choice(list(DELIMITERS)),
        help="What stands between cells.  [default: what is between the names of the columns]",
    ),
    click.option(
        "--dates",
        type=click.Choice([order.value for order in Order]),
        help="How 01/02/2026 is meant. Without this only 2026-02-01 is a date.",
    ),
    click.option("--zone", type=Zone(), help="Where times are meant that name no zone."),
    data_dir_option,
)


def for_tables(command: F) -> F:
    """The options that all tables have."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is read, and what is done with it."""

    unit: str
    dry_run: bool
    report: Path | None
    encoding: str | None
    delimiter: str | None
    dates: str | None
    zone: ZoneInfo | None
    data_dir: Path

    @property
    def meant(self) -> Dates:
        """How dates are meant."""
        return Dates(None if self.dates is None else Order(self.dates), self.zone)


population_option = click.option(
    "--population",
    type=click.Choice([population.value for population in Population]),
    default=Population.CUSTOMER.value,
    show_default=True,
    help="On which footing people take part where the file doesn't say.",
)


@click.command("csv")
@click.argument("what", type=click.Choice(get_args(What)))
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--source", required=True, help="What to call where it comes from, such as crm.")
@click.option(
    "--text",
    "texts",
    metavar="COLUMN",
    multiple=True,
    help="A column of activities whose numbers are texts, such as postcodes.",
)
@population_option
@for_tables
def csv_table(
    *,
    what: What,
    path: Path,
    source: str,
    texts: tuple[str, ...],
    population: str,
    **given: Any,
) -> None:
    """Bring in members or activities from the CSV file PATH.

    The columns are described in docs/importing.md. Members are unclaimed until they come and
    accept the charter. The same file again changes nothing.
    """
    options, name = Options(**given), acceptable_source(source)
    if what == "members":
        read = people.People(
            now=clock.now(), dates=options.meant, population=Population(population)
        )
        bring_in(path, people.COLUMNS, PeopleTaker(name, read), f"csv {what}", options)
    else:
        told = doings.Doings(source=name, dates=options.meant, texts=frozenset(texts))
        bring_in(path, doings.COLUMNS, DoingsTaker(name, told), f"csv {what}", options)


@click.command("discourse")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--source", default=discourse.SOURCE, show_default=True, help="What to call it here.")
@population_option
@for_tables
def discourse_table(*, path: Path, source: str, population: str, **given: Any) -> None:
    """Bring in the people of a Discourse forum from its export of users, PATH.

    Taken are their ids, since when they are there, and a digest of their address by which they
    find themselves. They are unclaimed until they come and accept the charter.
    """
    options, name = Options(**given), acceptable_source(source)
    read = discourse.DiscourseUsers(
        now=clock.now(), dates=options.meant, population=Population(population)
    )
    bring_in(path, discourse.COLUMNS, PeopleTaker(name, read), "discourse", options)


def bring_in(path: Path, columns: Columns, taker: Taker[Any], what: str, options: Options) -> None:
    """Bring a table in, and say what came of it. Ends with 1 if a line was rejected."""
    sheet = sheet_at(path, columns, encoding=options.encoding, delimiter=options.delimiter)
    click.echo(f"{path.name}: {sheet.encoding}, {sheet.delimiter} between cells.", err=True)
    with reported(options.report) as refuse, shown_progress() as tell:
        moving = MovingIn(
            sheet=sheet,
            taker=taker,
            what=what,
            unit=Unit(options.unit),
            is_trial=options.dry_run,
            by=operator(),
            refuse=refuse,
            progress=tell,
        )
        try:
            report = on_current_tables(options.data_dir, moving.run)
        except KeyboardInterrupt:
            click.echo(interrupted(options), err=True)
            sys.exit(INTERRUPTED)
    click.echo(said_of(report, taker.source, Unit(options.unit)))
    if report.rejected:
        click.echo(said_of_rejected(report, options.report), err=True)
        sys.exit(1)


@contextmanager
def reported(file: Path | None) -> Iterator[Refuse]:
    """Where rejected lines are written to: a file, which is there once it is whole, or nowhere."""
    if file is None:
        yield lambda _: None
        return
    with opened(file) as report:
        writer = csv.writer(report, lineterminator="\n")
        writer.writerow(["line", "code", "reason"])

        def write(rejection: Rejection) -> None:
            writer.writerow([cell(value) for value in rejection])

        yield write


def interrupted(options: Options) -> str:
    """What is left of an import that was stopped."""
    if options.dry_run or options.unit == Unit.FILE:
        return "Stopped. Nothing was changed."
    return "Stopped. What came in stays. Run the same command to go on."


def said_of(report: Report, source: str, unit: Unit) -> str:
    """The report as a person reads it."""
    if report.is_trial:
        heading = f"{source}: a dry run, nothing was changed. It would be:"
    elif report.rejected and unit is Unit.FILE:
        heading = f"{source}: nothing was changed, since lines were rejected."
    else:
        heading = f"{source} is in{', but for some lines' if report.rejected else ''}."
    lines = [
        heading,
        f"  lines       {report.lines}",
        f"  new         {report.new}",
        f"  known       {report.known}",
        f"  rejected    {report.rejected}",
    ]
    if report.held_back:
        lines.append(f"  held back   {report.held_back} that are fine, beside rejected ones")
    for why, number in sorted(report.left_out.items()):
        if number:
            lines.append(f"  left out    {number} {why}")
    return "\n".join(lines)


def said_of_rejected(report: Report, file: Path | None) -> str:
    """The first rejected lines, and where the others are told."""
    lines = [f"line {each.line}: {each.why} ({each.code})" for each in report.shown]
    more = report.rejected - len(report.shown)
    if file is not None:
        lines.append(f"All {report.rejected} rejected lines are in {file}.")
    elif more:
        lines.append(f"and {more} more. Write all of them to a file with --report FILE.")
    return "\n".join(lines)
