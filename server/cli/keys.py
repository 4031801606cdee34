"""`ambassade keys`: with what the brand's systems sign in."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import click

from community.keys import service
from community.keys.key import Key, KeyState, NewKey
from community.keys.scopes import Scope
from ground import clock
from ground.errors import AmbassadeError
from server.cli.connected import connected, data_dir_option
from server.cli.operator import operator
from server.cli.publishable import publishable

SCOPES = [scope.value for scope in Scope]


@click.group()
def keys() -> None:
    """Make, list, replace and revoke the keys of the brand's systems."""


@keys.command()
@click.argument("name")
@click.option("--source", required=True, help="What the ledger calls the system, such as crm.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    default=[Scope.ACTIVITIES_WRITE.value],
    show_default=True,
    help="What the key may do. Can be given several times.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="For how long it works.")
@data_dir_option
def create(
    *, name: str, source: str, scopes: tuple[str, ...], days: int | None, data_dir: Path
) -> None:
    """Make a key for the system called NAME. Its secret is printed once."""
    lasts = None if days is None else timedelta(days=days)
    wanted = [Scope(scope) for scope in scopes]
    try:
        made = connected(
            data_dir,
            lambda: service.create(name, source, wanted, lasts=lasts, by=operator()),
        )
    except AmbassadeError as error:
        raise click.ClickException(f"{error.title}. {error.detail}".strip()) from error
    _tell_once(made)


@keys.command("list")
@data_dir_option
def list_keys(*, data_dir: Path) -> None:
    """List all keys, without their secrets."""
    known = connected(data_dir, service.known_keys)
    for key in known:
        scopes = ",".join(sorted(key.scopes))
        click.echo(
            f"{key.id}  {key.prefix}…  {_state(key):<30}  {key.source}  {scopes}  {key.name}"
        )
    if not known:
        click.echo("There are no keys. Make one: ambassade keys create NAME --source SOURCE")


@keys.command()
@click.argument("key_id", type=click.UUID, metavar="ID")
@click.option("--name", help="What people call the system.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    help="What the key may do from now on. Can be given several times.",
)
@data_dir_option
def change(*, key_id: UUID, name: str | None, scopes: tuple[str, ...], data_dir: Path) -> None:
    """Give the key ID another name, or other scopes. Its source and its secret stay."""
    if name is None and not scopes:
        raise click.UsageError("Say what to change: --name or --scope.")
    wanted = [Scope(scope) for scope in scopes] or None
    try:
        key = connected(
            data_dir, lambda: service.change(key_id, name=name, scopes=wanted, by=operator())
        )
    except AmbassadeError as error:
        told = error.detail or f"{error.title}. See: ambassade keys list"
        raise click.ClickException(told) from error
    click.echo(f"{key.id}  {key.source}  {','.join(sorted(key.scopes))}  {key.name}")
    click.echo("It holds within five seconds.")


@keys.command()
@click.argument("key_id", type=click.UUID, metavar="ID")
@data_dir_option
def revoke(*, key_id: UUID, data_dir: Path) -> None:
    """End the key ID. Doing it again changes nothing."""
    try:
        key = connected(data_dir, lambda: service.revoke(key_id, by=operator()))
    except AmbassadeError as error:
        raise click.ClickException(f"{error.title}. See: ambassade keys list") from error
    click.echo(f"{key.prefix}… of {key.source} is revoked; running servers know in five seconds.")


@keys.command()
@click.argument("key_id", type=click.UUID, metavar="ID")
@click.option(
    "--overlap",
    type=click.IntRange(0, 720),
    default=24,
    show_default=True,
    help="For how many hours the old one works on.",
)
@data_dir_option
def rotate(*, key_id: UUID, overlap: int, data_dir: Path) -> None:
    """Make a key that replaces the key ID, with the same source and scopes."""
    hours = timedelta(hours=overlap)
    try:
        made = connected(data_dir, lambda: service.rotate(key_id, overlap=hours, by=operator()))
    except AmbassadeError as error:
        raise click.ClickException(f"{error.title}. See: ambassade keys list") from error
    _tell_once(made)
    click.echo(f"The old key works for {overlap} hours more.")


keys.add_command(publishable)


def _tell_once(made: NewKey) -> None:
    click.echo(f"{made.key.id}  {made.key.source}  {','.join(sorted(made.key.scopes))}")
    click.echo(f"\n  {made.secret}\n")
    click.echo("Keep it now: it isn't shown again. Send it as the header X-API-Key.")


def _state(key: Key) -> str:
    used = "never used" if key.last_used_at is None else f"used {_day(key.last_used_at)}"
    match key.state_at(clock.now()), key.revoked_at, key.expires_at:
        case KeyState.REVOKED, datetime() as revoked_at, _:
            return f"revoked {_day(revoked_at)}"
        case KeyState.EXPIRED, _, datetime() as expires_at:
            return f"expired {_day(expires_at)}"
        case KeyState.REPLACED, _, datetime() as expires_at:
            return f"replaced, works until {_day(expires_at)}"
        case _, _, datetime() as expires_at:
            return f"{used}, until {_day(expires_at)}"
        case _:
            return used


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
