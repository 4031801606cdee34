"""`ambassade charter`: what members agree to when they join."""

from pathlib import Path

import click

from community.charter import service
from ground.errors import AmbassadeError
from ground.languages import Language
from server.cli.connected import connected, data_dir_option
from server.cli.operator import operator


@click.group()
def charter() -> None:
    """Read the charter in force, or publish another."""


@charter.command()
@click.option(
    "--language",
    type=click.Choice([language.value for language in Language]),
    default=Language.FRENCH.value,
    show_default=True,
)
@data_dir_option
def show(*, language: str, data_dir: Path) -> None:
    """Print the charter in force."""
    try:
        in_force = connected(data_dir, service.current)
    except AmbassadeError as error:
        raise click.ClickException(error.title) from error
    click.echo(in_force.texts[Language(language)])


@charter.command()
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR"
)
@data_dir_option
def publish(*, folder: Path, data_dir: Path) -> None:
    """Publish the texts in DIR (fr.md and en.md) as the next version.

    Members go on as they are and are offered it. A published version can't be changed.
    """
    files = {language: folder / f"{language}.md" for language in Language}
    missing = [path.name for path in files.values() if not path.is_file()]
    if missing:
        raise click.ClickException(f"{folder} lacks {' and '.join(missing)}.")
    try:
        texts = {language: path.read_text(encoding="utf-8") for language, path in files.items()}
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{folder} can't be read as UTF-8: {error}") from error
    try:
        version = connected(data_dir, lambda: service.publish(texts, by=operator()))
    except AmbassadeError as error:
        raise click.ClickException(f"{error.title}.") from error
    click.echo(f"Version {version} is in force.")
