"""`ambassade migrate`: bring the database to the tables of this version."""

import os
from functools import partial
from pathlib import Path

import click

from community.charter import service as charter
from gamification.catalogue.publishing import load_default_if_empty
from server import migrations, schema
from server.cli.connected import (
    as_owner,
    connected,
    data_dir_option,
    run_with,
    settings_of_a_command,
)
from server.embedded.servers import Servers, servers
from server.programme import apply_programme
from server.rights import ADVICE, ONLY_TRIGGERS, current_role, grant_to, rights


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail if something is pending.")
@click.option("--only-tables", is_flag=True, help="Publish no charter and no catalogue.")
@data_dir_option
def migrate(*, check: bool, only_tables: bool, data_dir: Path) -> None:
    """Bring the database to the tables of this version.

    A new one gets the shipped charter and the shipped catalogue. Safe to run again, and while
    another one runs. With DATABASE_OWNER_URL the tables belong to that role, and the one of
    DATABASE_URL gets what the API and the worker need, and no more.
    """
    if check:
        lacking = connected(data_dir, schema.pending)
        for name in lacking:
            click.echo(f"pending  {name}")
        if lacking:
            raise click.ClickException("The database is behind. Run: ambassade migrate")
        click.echo("Nothing is pending.")
        return
    apply_programme(settings_of_a_command(os.environ))
    with servers(data_dir) as found:
        applied = bring_up_to_date(found)
        if not only_tables:
            applied += run_with(found, begin)
        protected = run_with(found, protection)
    for name in applied:
        click.echo(f"applied  {name}")
    if not applied:
        click.echo("Nothing was pending.")
    if not protected:
        click.echo(f"{ONLY_TRIGGERS}. {ADVICE}")


def bring_up_to_date(found: Servers) -> list[str]:
    """Apply what is pending as the owner of the tables, and let the application use them."""
    application = run_with(found, current_role)
    applied = as_owner(found, partial(migrate_for, application))
    if run_with(found, schema.pending):
        raise click.ClickException(
            "The tables are there, and DATABASE_URL doesn't lead to them. Does DATABASE_OWNER_URL "
            "name the same database and schema?"
        )
    return applied


async def migrate_for(application: str) -> list[str]:
    """Apply what is pending. Whoever isn't the application itself lets it in."""
    applied = await migrations.migrate()
    if await current_role() != application:
        await grant_to(application)
    return applied


async def begin() -> list[str]:
    """Publish what nobody can begin without, where there is none.

    Nobody can join before there is a charter to accept, and nothing counts without a catalogue.
    """
    began = []
    if await charter.publish_first():
        began.append("community: the shipped charter, as version 1")
    if await load_default_if_empty():
        began.append("gamification: the shipped catalogue")
    return began


async def protection() -> bool:
    """Whether PostgreSQL itself keeps the application from changing what was written."""
    found = await rights()
    return found is not None and not found.can_change
