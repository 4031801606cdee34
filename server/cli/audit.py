"""`ambassade export audit`: hand out what staff did."""

from datetime import datetime
from pathlib import Path

import click

from community.audit import service
from community.audit.filters import Filters, period
from community.audit.lines import COLUMNS, row
from server.cli.connected import data_dir_option
from server.cli.exports import OUTPUT, Rows, hand_out
from server.cli.operator import operator
from server.cli.replay import Moment


@click.command(short_help="Hand out who did what, when and why.")
@click.option("--actor", help="Only what this one did, such as member:… or operator:….")
@click.option("--action", help="Only acts whose name begins so, such as catalogue.")
@click.option("--subject", help="Only what was done to this, such as member:….")
@click.option("--since", type=Moment(), help="Only from this moment on.")
@click.option("--until", type=Moment(), help="Only before this moment.")
@OUTPUT
@data_dir_option
def audit(  # noqa: PLR0913 - one for each option
    *,
    actor: str | None,
    action: str | None,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    output: Path | None,
    data_dir: Path,
) -> None:
    """Hand out who did what, when and why as CSV, newest first.

    That it was handed out is in the audit trail too.
    """
    begin, end = period(since, until)
    filters = Filters(actor=actor, action=action, subject=subject, since=begin, until=end)

    async def rows() -> Rows:
        yield [list(COLUMNS)]
        async for entries in await service.exported(filters, by=operator()):
            yield [row(entry) for entry in entries]

    hand_out("acts", output, data_dir, rows)
