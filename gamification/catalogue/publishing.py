"""Publishing in one go, while crediting waits: for commands, and for the first catalogue."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from gamification.catalogue.backfill import backfill
from gamification.catalogue.changes import to_decide_again
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import CatalogueFile, What
from gamification.catalogue.history import Version
from gamification.catalogue.prefixed import prefixed
from gamification.catalogue.reading import read_toml
from gamification.catalogue.releases import release as releases
from gamification.catalogue.releases import writing
from gamification.catalogue.releases.errors import PublicationAtWork
from gamification.catalogue.releases.mark import Row, assembled
from gamification.catalogue.releases.wanted import Unnumbered, Wanted, planned, wanted_by
from gamification.catalogue.service import in_force, latest_revision, rows_until
from gamification.ledger.intake import hold_everything
from gamification.recognition.settle import settle
from ground import clock
from ground.audit import record
from ground.callers import Caller, CallerKind
from ground.engine import fetchval
from ground.unit_of_work import unit_of_work

DEFAULT: Final = Path(__file__).parent / "default.toml"
INSTALLATION: Final = Caller(kind=CallerKind.OPERATOR, name="installation")


class Change(msgspec.Struct, frozen=True):
    """A version that a publication brought."""

    what: What
    slug: str
    version: int
    retired: bool = False


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What a publication did. `decided` counts the awards and tiers that it looked at.

    `publication` is what can be rolled back.
    """

    revision: int
    changes: tuple[Change, ...] = ()
    decided: int = 0
    publication: int | None = None


async def publish(
    file: CatalogueFile, *, to_the_past: bool = False, prefix: str = "", by: Caller | None = None
) -> Published:
    """Publish what a file changes. What it doesn't name stays as it is.

    Criteria apply to all that ever happened when `to_the_past`, else to what happens from now
    on. Crediting waits meanwhile, so that nobody is judged by half a catalogue. Without `by`
    it is the installation itself that publishes, and no act of somebody.
    """
    return await _published(wanted_by(prefixed(file, prefix)), to_the_past=to_the_past, by=by)


async def retire(what: What, slug: str, *, by: Caller) -> Published:
    """Take something out of the catalogue. What was earned stays; nothing new is earned."""
    return await _published([Wanted(what=what, slug=slug)], to_the_past=False, by=by)


async def load_default_if_empty() -> bool:
    """Publish the shipped catalogue where nothing was published yet. Return whether it was."""
    if await latest_revision():
        return False
    file = read_toml(DEFAULT.read_bytes())
    async with unit_of_work():
        await hold_everything()
        if await latest_revision():
            return False
        await publish(file, to_the_past=True)
    return True


async def _published(
    wanted: Sequence[Wanted], *, to_the_past: bool, by: Caller | None
) -> Published:
    async with unit_of_work():
        await hold_everything()
        if await fetchval(
            "SELECT id FROM catalogue_release WHERE state IN ('running', 'going_back')"
        ):
            raise PublicationAtWork
        revision = await latest_revision()
        rows = await rows_until(revision)
        now = clock.now()
        versions = planned(wanted, rows, now, since=now, to_the_past=to_the_past)
        if not versions:
            return Published(revision=revision)
        ahead = [*rows, *(Row(revision + n, each) for n, each in enumerate(versions, 1))]
        await writing.number_flows(assembled(revision, ahead, Unnumbered()))
        release = await releases.add(
            wanted, by=by or INSTALLATION, state="running", to_the_past=to_the_past
        )
        return await _put_in_force(release, await in_force(revision), versions, by)


async def _put_in_force(
    release: releases.Release,
    before: Catalogue,
    versions: Sequence[Version],
    by: Caller | None,
) -> Published:
    await writing.write_versions(versions, release.id)
    await writing.note_in_force(release)
    await releases.finish(release, "done")
    after = await in_force(await latest_revision())
    await backfill(before, after)
    published = Published(
        revision=after.revision,
        changes=tuple(Change(row.what, row.slug, row.version, row.retired) for row in versions),
        decided=await settle(to_decide_again(before, after)),
        publication=release.id,
    )
    if by is not None:
        await record(
            by,
            "catalogue.published",
            subject=f"catalogue:{after.revision}",
            details={
                "publication": release.id,
                "changes": msgspec.to_builtins(published.changes),
            },
        )
    return published
