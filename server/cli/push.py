"""`ambassade push`: whether anything may be pushed, and letting it go on."""

from pathlib import Path

import click

from notifications.push import gate, service
from server.cli.connected import data_dir_option, run_with
from server.cli.operator import operator
from server.embedded.servers import servers


@click.group()
def push() -> None:
    """Pushes to phones: how it stands, and letting them go on."""


@push.command()
@data_dir_option
def status(data_dir: Path) -> None:
    """Say whether Firebase is sent to, and why not."""
    with servers(data_dir) as found:
        closed = run_with(found, gate.closed)
    for each in closed:
        click.echo(f"{each.project}: {each.says()}")
    if not closed:
        click.echo("Nothing stands in the way of pushes.")


@push.command()
@data_dir_option
def resume(data_dir: Path) -> None:
    """Send again, once what was wrong has been mended."""
    with servers(data_dir) as found:
        resumed = run_with(found, lambda: service.resume(by=operator()))
    for project in resumed:
        click.echo(f"{project}: sent to again.")
    if not resumed:
        click.echo("Nothing stood in the way of pushes.")
