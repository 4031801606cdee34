"""Publishing: new versions, and everything that follows from them for the past, in one go."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from gamification.catalogue.backfill import backfill
from gamification.catalogue.changes import new_versions, to_decide_again
from gamification.catalogue.checking import refuse_faults
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import CatalogueFile, What
from gamification.catalogue.errors import NotInCatalogue
from gamification.catalogue.history import Version, compiled, written
from gamification.catalogue.prefixed import prefixed
from gamification.catalogue.reading import read_toml
from gamification.catalogue.service import (
    flow_numbers,
    in_force,
    latest_revision,
    publications,
)
from gamification.ledger.intake import hold_everything
from gamification.recognition.settle import settle
from gamification.rules.flows import fingerprints
from ground import clock
from ground.audit import record
from ground.callers import Caller
from ground.engine import execute
from ground.unit_of_work import unit_of_work

DEFAULT: Final = Path(__file__).parent / "default.toml"


class Change(msgspec.Struct, frozen=True):
    """A version that a publication brought."""

    what: What
    slug: str
    version: int
    retired: bool = False


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What a publication did. `decided` counts the awards and tiers that it looked at."""

    revision: int
    changes: tuple[Change, ...] = ()
    decided: int = 0


async def publish(
    file: CatalogueFile, *, to_the_past: bool = False, prefix: str = "", by: Caller | None = None
) -> Published:
    """Publish what a file changes. What it doesn't name stays as it is.

    Criteria apply to all that ever happened when `to_the_past`, else to what happens from now
    on. Crediting waits meanwhile, so that nobody is judged by half a catalogue. Without `by`
    it is the installation itself that publishes, and no act of somebody.
    """
    async with unit_of_work():
        await hold_everything()
        before = await in_force(await latest_revision())
        file = prefixed(file, prefix)
        refuse_faults(file, before)
        known = await publications(before.revision)
        versions = new_versions(file, known, clock.now(), to_the_past=to_the_past)
        return await _put_in_force(before, known, versions, by)


async def retire(what: What, slug: str, *, by: Caller) -> Published:
    """Take something out of the catalogue. What was earned stays; nothing new is earned."""
    async with unit_of_work():
        await hold_everything()
        before = await in_force(await latest_revision())
        known = await publications(before.revision)
        mine = [row for row in known if (row.what, row.slug) == (what, slug)]
        latest = max(mine, key=lambda row: row.version, default=None)
        if latest is None or latest.retired:
            raise NotInCatalogue(f"There is no {what} {slug}.")
        end = latest._replace(version=latest.version + 1, published_at=clock.now(), retired=True)
        return await _put_in_force(before, known, [end], by)


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


async def _put_in_force(
    before: Catalogue, known: Sequence[Version], versions: Sequence[Version], by: Caller | None
) -> Published:
    if not versions:
        return Published(revision=before.revision)
    draft = compiled(before.revision, [*known, *versions], {})
    # Sorting into layers refuses circles, also through criteria of an earlier version.
    _ = draft.layers
    await _number_flows(draft)
    await _insert(versions)
    after = await in_force(await latest_revision())
    await backfill(before, after)
    published = Published(
        revision=after.revision,
        changes=tuple(Change(row.what, row.slug, row.version, row.retired) for row in versions),
        decided=await settle(to_decide_again(before, after)),
    )
    if by is not None:
        await record(
            by,
            "catalogue.published",
            subject=f"catalogue:{after.revision}",
            details={"changes": msgspec.to_builtins(published.changes)},
        )
    return published


async def _number_flows(draft: Catalogue) -> None:
    wanted = fingerprints(criteria for rule in draft.rules for criteria in rule.criterias)
    missing = sorted(set(wanted) - (await flow_numbers()).keys())
    if missing:
        await execute("INSERT INTO flow (fingerprint) SELECT unnest($1::text[])", missing)


async def _insert(versions: Sequence[Version]) -> None:
    await execute(
        """
        INSERT INTO publication (what, slug, version, definition, since, from_day, retired,
            published_at)
        SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::jsonb[], $5::timestamptz[],
            $6::date[], $7::bool[], $8::timestamptz[])
        """,
        [row.what for row in versions],
        [row.slug for row in versions],
        [row.version for row in versions],
        [written(row.definition).decode() for row in versions],
        [row.since for row in versions],
        [row.from_day for row in versions],
        [row.retired for row in versions],
        [row.published_at for row in versions],
    )
