"""`ambassade catalogue`: what counts, what can be earned, and what it looks like from outside."""

import re
from pathlib import Path
from typing import Final, cast, get_args

import click

from gamification.catalogue import service
from gamification.catalogue.checking import check as checked
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import What
from gamification.catalogue.publishing import Published, publish, retire
from gamification.catalogue.reading import read_toml
from server.cli.connected import connected, data_dir_option
from server.cli.operator import operator
from server.cli.publications import export, list_publications, preview, roll_back
from server.cli.publications import publish as in_steps
from server.cli.up_to_date import on_current_tables

PREFIX: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
THINGS: Final[tuple[What, ...]] = get_args(What)

file_argument = click.argument(
    "file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@click.group()
def catalogue() -> None:
    """Check, preview, publish, list and export the catalogue: kinds, badges, tiers and the like."""


for command in (export, list_publications, preview, in_steps, roll_back):
    catalogue.add_command(command)


@catalogue.command()
@file_argument
def check(*, file: Path) -> None:
    """Say what is wrong with a catalogue. FILE is TOML, and is looked at by itself."""
    found = checked(read_toml(file.read_bytes()))
    click.echo(f"Nothing is wrong. It holds {_counted(found)}.")


@catalogue.command()
@file_argument
@click.option(
    "--from-now/--to-the-past",
    "from_now",
    default=True,
    help="Whether criteria look at what happens from now on, or at all that ever happened.  "
    "[default: from now]",
)
@click.option("--prefix", default="", help="Put PREFIX: before every slug.")
@data_dir_option
def load(*, file: Path, from_now: bool, prefix: str, data_dir: Path) -> None:
    """Publish what FILE changes. What it doesn't name stays as it is.

    The same file again changes nothing. Points that a kind has now apply from the first day
    that hasn't begun anywhere, so that a day keeps one set of terms.
    """
    if prefix and not PREFIX.fullmatch(prefix):
        raise click.BadParameter("small letters, digits, and . _ -", param_hint="--prefix")
    definitions = read_toml(file.read_bytes())
    published = on_current_tables(
        data_dir,
        lambda: publish(definitions, to_the_past=not from_now, prefix=prefix, by=operator()),
    )
    _tell(published)


@catalogue.command("retire")
@click.argument("what", type=click.Choice(THINGS))
@click.argument("slug")
@data_dir_option
def retire_one(*, what: str, slug: str, data_dir: Path) -> None:
    """Take something out of the catalogue. What was earned stays; nothing new is earned."""
    _tell(
        on_current_tables(data_dir, lambda: retire(cast("What", what), slug, by=operator())),
    )


@catalogue.command("list")
@data_dir_option
def list_all(*, data_dir: Path) -> None:
    """List what is in force."""
    found = connected(data_dir, service.current)
    for kind in found.kinds.values():
        if not kind.retired:
            definition = kind.definition
            click.echo(f"kind   {definition.slug:<32} {definition.points:>4} points")
    for rule in found.published:
        if not rule.retired:
            what, slug = rule.node
            name = rule.definition.name.en
            click.echo(f"{what:<6} {slug:<32} version {rule.version:<3} {name}")
    for board in found.boards:
        click.echo(f"board  {board.slug:<32} {board.period:<11} {board.name.en}")
    for slug, season in found.seasons.items():
        ends = "retired" if season.days.retired else f"to {season.days.ends_on}"
        name = season.definition.name.en
        click.echo(f"season {slug:<32} {season.days.starts_on} {ends}  {name}")
    if not found.revision:
        click.echo("Nothing is published yet. Publish one: ambassade catalogue load FILE")


def _counted(found: Catalogue) -> str:
    numbers = {
        "kinds": len(found.kinds),
        "badges": len(found.badges),
        "tiers": len(found.tiers),
        "boards": len(found.boards),
    }
    return ", ".join(f"{n} {name}" for name, n in numbers.items())


def _tell(published: Published) -> None:
    for change in published.changes:
        verb = "retired" if change.retired else "published"
        click.echo(f"{verb}  {change.what} {change.slug}, version {change.version}")
    if published.changes:
        click.echo(
            f"Revision {published.revision} is in force. "
            f"{published.decided} badges and tiers of members were decided again."
        )
    else:
        click.echo("Nothing changed.")
