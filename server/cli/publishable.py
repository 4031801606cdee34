"""`ambassade keys publishable`: what pages of public sites read with."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from community.publishable import service
from community.publishable.key import PublishableKey
from community.publishable.service import Opened
from ground.errors import AmbassadeError
from server.cli.connected import connected, data_dir_option
from server.cli.operator import operator

MOST_LISTED = 1_000
boards_option = click.option(
    "--board", "boards", multiple=True, help="A board that it opens. Can be given several times."
)
challenges_option = click.option(
    "--challenge", "challenges", multiple=True, help="A challenge that it opens, by its id."
)
origins_option = click.option(
    "--origin", "origins", multiple=True, help="A site, such as https://www.example.com."
)


@click.group()
def publishable() -> None:
    """Make, list, change and revoke the keys of public sites. They are no secrets."""


@publishable.command()
@click.argument("name")
@boards_option
@challenges_option
@origins_option
@data_dir_option
def create(*, name: str, data_dir: Path, **lists: tuple[str, ...]) -> None:
    """Make a key called NAME for the pages of a site."""
    opened = Opened(name=name, **_sets(lists))
    key = _told(data_dir, lambda: service.create(opened, by=operator()))
    _show(key)
    click.echo("See it at work, with what to copy: /widget?key=" + key.key)


@publishable.command("list")
@data_dir_option
def list_keys(*, data_dir: Path) -> None:
    """List all keys of public sites, newest first."""
    known = connected(data_dir, lambda: service.page(before=None, limit=MOST_LISTED))
    for key in known:
        _show(key)
    if not known:
        click.echo("There are none. Make one: ambassade keys publishable create NAME --board SLUG")


@publishable.command()
@click.argument("key_id", type=click.UUID, metavar="ID")
@click.option("--name", help="What people call it.")
@boards_option
@challenges_option
@origins_option
@data_dir_option
def change(*, key_id: UUID, name: str | None, data_dir: Path, **lists: tuple[str, ...]) -> None:
    """Let the key ID open these instead, or be welcome on these sites instead."""
    wanted: dict[str, Any] = {each: value for each, value in _sets(lists).items() if value}
    if name is not None:
        wanted["name"] = name
    if not wanted:
        raise click.UsageError("Say what to change: --name, --board, --challenge or --origin.")
    _show(_told(data_dir, lambda: service.change(key_id, wanted, by=operator())))
    click.echo("It holds within five seconds.")


@publishable.command()
@click.argument("key_id", type=click.UUID, metavar="ID")
@data_dir_option
def revoke(*, key_id: UUID, data_dir: Path) -> None:
    """End the key ID. Doing it again changes nothing."""
    key = _told(data_dir, lambda: service.revoke(key_id, by=operator()))
    click.echo(f"{key.key} is revoked; running servers know in five seconds.")


def _told(data_dir: Path, work: Callable[[], Awaitable[PublishableKey]]) -> PublishableKey:
    try:
        return connected(data_dir, work)
    except AmbassadeError as error:
        raise click.ClickException(error.detail or error.title) from error


def _sets(lists: dict[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(values) for name, values in lists.items()}


def _show(key: PublishableKey) -> None:
    state = "" if key.revoked_at is None else f"  revoked {key.revoked_at:%Y-%m-%d}"
    opens = ",".join(sorted(key.boards | key.challenges))
    on = ",".join(sorted(key.origins)) or "our own pages only"
    click.echo(f"{key.id}  {key.key}  {opens}  {on}  {key.name}{state}")
