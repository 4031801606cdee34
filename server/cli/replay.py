"""`ambassade replay`: hold everything that was kept against the ledger, and mend it."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from gamification.challenges import checking as challenges
from gamification.recognition import replay as recognition
from gamification.recognition.replay import Progress
from server.cli.connected import data_dir_option
from server.cli.operator import operator
from server.cli.progress import shown_progress
from server.cli.up_to_date import on_current_tables


class Moment(click.ParamType[datetime]):
    """A moment as RFC 3339 writes it; in UTC unless it says otherwise."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} isn't a moment, such as 2026-11-21T19:13:00Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail if anything differs.")
@click.option("--as-of", type=Moment(), help="With --check: what was known at that moment.")
@data_dir_option
def replay(*, check: bool, as_of: datetime | None, data_dir: Path) -> None:
    """Work out anew, from the ledger alone, what members have and are: points, streaks, badges,
    and what they gave to challenges.

    It mends what differs, which is in the audit trail. It can run while the community goes on.
    """
    if as_of is not None and not check:
        raise click.UsageError("--as-of goes with --check: nothing is mended towards the past.")
    with shown_progress() as tell:
        told = partial(tell, "members")
        if not check:
            mended = on_current_tables(data_dir, partial(_rebuild, told))
            click.echo(f"{mended} rows were mended." if mended else "Everything was in order.")
            return
        looking = partial(_differences, as_of, told)
        found = on_current_tables(data_dir, looking)
    for difference in found:
        click.echo(difference)
    if found:
        raise click.ClickException(f"{len(found)} differences. Mend them with: ambassade replay")
    click.echo("Everything is as the ledger says.")


async def _differences(as_of: datetime | None, progress: Progress) -> list[str]:
    found = [str(each) for each in await recognition.check(as_of=as_of, progress=progress)]
    if as_of is None:
        found += [str(each) for each in await challenges.differences()]
    return found


async def _rebuild(progress: Progress) -> int:
    by = operator()
    return await recognition.rebuild(by=by, progress=progress) + await challenges.rebuild(by=by)
