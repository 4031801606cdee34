"""`ambassade catalogue ...` for who steers it from a shell: preview, publish, roll back, export."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import click

from community.catalogue.service import foreseen
from gamification.catalogue import files
from gamification.catalogue.previews import service as previews
from gamification.catalogue.previews import working
from gamification.catalogue.previews.foresight import Outcome
from gamification.catalogue.previews.service import Numbers, Preview
from gamification.catalogue.reading import read_toml
from gamification.catalogue.releases import release as releases
from gamification.catalogue.releases import service
from gamification.catalogue.releases.errors import NothingToPublish
from gamification.catalogue.releases.release import Release
from gamification.catalogue.releases.running import run
from gamification.catalogue.releases.wanted import Wanted, wanted_by
from ground.languages import Language
from server.cli.connected import connected, data_dir_option
from server.cli.operator import operator
from server.cli.progress import Told, shown_progress
from server.cli.up_to_date import on_current_tables

SAMPLE: Final = 20
WORDS: Final = {"earns": "would earn it", "loses": "would lose it", "moves": "hold it otherwise"}

file_argument = click.argument(
    "file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
past_option = click.option(
    "--from-now/--to-the-past",
    "from_now",
    default=True,
    help="Whether criteria look at what happens from now on, or at all that ever happened.  "
    "[default: from now]",
)


@click.command()
@click.option("--output", type=click.Path(path_type=Path), help="A file, instead of the screen.")
@data_dir_option
def export(*, output: Path | None, data_dir: Path) -> None:
    """Print what is in force as TOML, to be loaded elsewhere."""
    written = connected(data_dir, files.exported)
    if output is None:
        click.echo(written, nl=False)
    else:
        output.write_text(written, encoding="utf-8")


@click.command()
@file_argument
@past_option
@click.option("--names", is_flag=True, help=f"Name the first {SAMPLE} of each.")
@data_dir_option
def preview(*, file: Path, from_now: bool, names: bool, data_dir: Path) -> None:
    """Say who would earn and who would lose what if FILE were published. Changes nothing."""
    wanted = wanted_by(read_toml(file.read_bytes()))

    async def previewed() -> list[str]:
        asked = await previews.ask(wanted, to_the_past=not from_now, by=operator())
        await working.work_out(asked.id, tell)
        found = await previews.read(asked.id)
        lines = [line for each in found.numbers for line in await _lines(found, each, names=names)]
        return [*lines, *([] if found.state == "done" else [f"It isn't whole: {found.state}."])]

    with shown_progress() as told:

        def tell(done: int, total: int) -> None:
            told("members", done, total)

        lines = on_current_tables(data_dir, previewed)
    click.echo("\n".join(lines) or "Nobody would earn or lose anything.")


async def _lines(found: Preview, numbers: Numbers, *, names: bool) -> list[str]:
    counted = [(getattr(numbers, outcome), words) for outcome, words in WORDS.items()]
    said = ", ".join(f"{n} {words}" for n, words in counted if n) or "nobody's changes"
    lines = [f"{numbers.what} {numbers.slug}: {said}, {numbers.stays} keep it."]
    outcomes: Sequence[Outcome] = ("earns", "loses") if names else ()
    for outcome in outcomes:
        page = await foreseen(
            found.id,
            (numbers.what, numbers.slug),
            outcome,
            language=Language.ENGLISH,
            limit=SAMPLE,
            cursor=None,
        )
        lines += [f"  {outcome}: {each.display_name} ({each.member})" for each in page.items]
    return lines


@click.command()
@file_argument
@past_option
@data_dir_option
def publish(*, file: Path, from_now: bool, data_dir: Path) -> None:
    """Publish what FILE changes while the community goes on, page by page.

    `load` does the same at once, and lets the community wait for it.
    """
    wanted = wanted_by(read_toml(file.read_bytes()))
    try:
        release = _watched(data_dir, partial(_asked, wanted, to_the_past=not from_now))
    except NothingToPublish:
        click.echo("Nothing changed.")
        return
    _tell(release)


async def _asked(wanted: Sequence[Wanted], *, to_the_past: bool) -> Release:
    return await service.ask(wanted, to_the_past=to_the_past, at=None, by=operator())


@click.command("roll-back")
@click.argument("publication", type=click.IntRange(1))
@data_dir_option
def roll_back(*, publication: int, data_dir: Path) -> None:
    """Let everything be as if PUBLICATION hadn't been. `publications` lists them."""
    _tell(_watched(data_dir, partial(service.roll_back, publication, by=operator())))


@click.command("publications")
@data_dir_option
def list_publications(*, data_dir: Path) -> None:
    """List the last publications: what changed, when, and by whom."""
    for release in connected(data_dir, partial(releases.page, None, SAMPLE)):
        things = ", ".join(f"{each.what} {each.slug}" for each in release.changes[:3])
        more = f" and {len(release.changes) - 3} more" if len(release.changes) > 3 else ""
        when = f"{release.asked_at:%Y-%m-%d %H:%M}"
        click.echo(
            f"{release.id:>5}  {when}  {release.state:<11}  {release.asked_by}  {things}{more}"
        )


def _watched(data_dir: Path, begun: Callable[[], Awaitable[Release]]) -> Release:
    """Let a release run to its end, here or in a worker, and show how far it has come."""
    with shown_progress() as told:

        async def watched() -> Release:
            return await run((await begun()).id, partial(_show, told))

        return on_current_tables(data_dir, watched)


def _show(told: Told, release: Release) -> None:
    if release.phase in {"counting", "deciding"}:
        told(release.phase, release.members_done, release.members_total)


def _tell(release: Release) -> None:
    if release.problem is not None:
        for each in release.problem.errors:
            click.echo(f"{each.pointer}: {each.detail}", err=True)
        raise click.ClickException(release.problem.detail or release.problem.code)
    click.echo(
        f"Publication {release.id} is {release.state.replace('_', ' ')}. "
        f"{release.decided} badges and tiers of members were decided again."
    )
