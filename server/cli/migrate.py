"""`ambassade migrate`: bring the database to the tables of this version."""

from pathlib import Path

import click

from community.charter import service as charter
from gamification.catalogue.publishing import load_default_if_empty
from server import migrations
from server.cli.connected import connected, data_dir_option


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail if something is pending.")
@click.option("--only-tables", is_flag=True, help="Publish no charter and no catalogue.")
@data_dir_option
def migrate(*, check: bool, only_tables: bool, data_dir: Path) -> None:
    """Bring the database to the tables of this version.

    A new one gets the shipped charter and the shipped catalogue. Safe to run again, and while
    another one runs.
    """
    if check:
        lacking = connected(data_dir, migrations.pending)
        for name in lacking:
            click.echo(f"pending  {name}")
        if lacking:
            raise click.ClickException("The database is behind. Run: ambassade migrate")
        click.echo("Nothing is pending.")
        return
    applied = connected(data_dir, migrations.migrate if only_tables else migrate_and_begin)
    for name in applied:
        click.echo(f"applied  {name}")
    if not applied:
        click.echo("Nothing was pending.")


async def migrate_and_begin() -> list[str]:
    """Bring the database up to date, with what nobody can begin without.

    Nobody can join before there is a charter to accept, and nothing counts without a catalogue.
    """
    applied = await migrations.migrate()
    if await charter.publish_first():
        applied.append("community: the shipped charter, as version 1")
    if await load_default_if_empty():
        applied.append("gamification: the shipped catalogue")
    return applied
