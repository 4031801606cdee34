"""`ambassade seed`: a small community to look at."""

from pathlib import Path

import click

from server.cli.connected import data_dir_option
from server.cli.up_to_date import on_current_tables
from server.seed.demo import AMBASSADOR_UID, STAFF_UID, seed_if_empty


@click.command()
@data_dir_option
def seed(*, data_dir: Path) -> None:
    """Fill an empty database with a small made-up community, French and English.

    Where there is a single member already, it changes nothing.
    """
    if not on_current_tables(data_dir, seed_if_empty):
        click.echo("There are members already: nothing was changed.")
        return
    click.echo(f"A demo community is there. Sign in as {AMBASSADOR_UID}, or as {STAFF_UID}.")
