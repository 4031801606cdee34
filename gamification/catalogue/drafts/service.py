"""Drafts: managers read, save and drop them, and nobody overwrites what they haven't seen."""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

import asyncpg

from gamification.catalogue.definitions import SHAPES, CatalogueFile, Definition, What
from gamification.catalogue.drafts.errors import (
    DraftNotFound,
    DraftsInTheWay,
    NothingOfThisName,
)
from gamification.catalogue.drafts.thing import Drafted, Thing, latest_of
from gamification.catalogue.errors import CatalogueInvalid, NotInCatalogue
from gamification.catalogue.history import Version, written
from gamification.catalogue.releases.wanted import wanted_by
from gamification.catalogue.service import current, latest_revision, publications, read
from gamification.catalogue.validation import faults
from ground import clock
from ground.audit import record
from ground.callers import Caller
from ground.engine import execute, fetch
from ground.errors import FieldError, Invalid
from ground.unit_of_work import unit_of_work

LOCK: Final = 7_205_000

_DRAFTS: Final = """
SELECT what, slug, revision, definition, based_on, edited_by, edited_at FROM catalogue_draft
WHERE $1::text IS NULL OR what = $1 ORDER BY what, slug
"""
_SAVE: Final = """
INSERT INTO catalogue_draft (what, slug, definition, based_on, edited_by, edited_at)
SELECT w, s, d, b, $5, $6
FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::int[]) AS t (w, s, d, b)
ON CONFLICT (what, slug) DO UPDATE
SET revision = nextval('catalogue_draft_revision_seq'), definition = excluded.definition,
    based_on = excluded.based_on, edited_by = excluded.edited_by, edited_at = excluded.edited_at
"""


async def things(what: What) -> list[Thing]:
    """All of a sort, published or drafted, by slug."""
    published = latest_of(what, await publications(await latest_revision()))
    drafts = {draft.slug: draft for draft in await drafts_of(what)}
    return [
        Thing(what, slug, published.get(slug), drafts.get(slug))
        for slug in sorted(published.keys() | drafts.keys())
    ]


async def thing(what: What, slug: str) -> Thing:
    """One thing, published or drafted."""
    found = await _thing(what, slug)
    if not found.exists:
        raise NothingOfThisName
    return found


async def things_named(names: Iterable[tuple[What, str]]) -> dict[tuple[What, str], Thing]:
    """Things by what they are and their slug, also those that aren't there."""
    every = await publications(await latest_revision())
    published = {what: latest_of(what, every) for what in SHAPES}
    drafts = {(draft.what, draft.slug): draft for draft in await drafts_of()}
    return {
        (what, slug): Thing(what, slug, published[what].get(slug), drafts.get((what, slug)))
        for what, slug in names
    }


async def versions(what: What, slug: str) -> list[Version]:
    """All that was published of a thing and stands, the latest first."""
    found = [
        each
        for each in await publications(await latest_revision())
        if (each.what, each.slug) == (what, slug)
    ]
    if not found:
        raise NothingOfThisName
    return sorted(found, key=lambda version: -version.version)


async def drafts_of(what: What | None = None) -> list[Drafted]:
    """All drafts, or those of a sort."""
    return [_drafted(row) for row in await fetch(_DRAFTS, what)]


async def save(
    what: What,
    slug: str,
    definition: Definition | None,
    *,
    if_match: str | None,
    if_none_match: str | None,
    by: Caller,
) -> Thing:
    """Save a draft, or without a definition that of a retirement.

    Raises `CatalogueInvalid` with what speaks against it beside what is in force and drafted.
    """
    if definition is not None and definition.slug != slug:
        raise Invalid(errors=(FieldError("/slug", f"Not {slug!r}, as in the address"),))
    async with unit_of_work():
        await _hold(what, slug)
        before = await _thing(what, slug)
        before.require(if_match, if_none_match)
        if definition is None:
            _require_published(before)
        else:
            await _refuse_faults(what, definition)
        await execute(_SAVE, *_row(before, definition), by.actor, clock.now())
        await _note("catalogue.draft_saved", [before], by)
        return await _thing(what, slug)


async def drop(what: What, slug: str, *, if_match: str | None, by: Caller) -> None:
    """Drop a draft. What is published stays as it is."""
    async with unit_of_work():
        await _hold(what, slug)
        before = await thing(what, slug)
        before.require(if_match, None)
        if before.draft is None:
            raise DraftNotFound
        await execute("DELETE FROM catalogue_draft WHERE what = $1 AND slug = $2", what, slug)
        await _note("catalogue.draft_dropped", [before], by)


async def save_file(file: CatalogueFile, *, by: Caller) -> list[Thing]:
    """Save as drafts what a file says otherwise than what is published. Return these.

    Refused where other drafts of the same things say something else.
    """
    async with unit_of_work():
        wrong = faults(file, await current())
        if wrong:
            raise CatalogueInvalid.with_faults(wrong)
        await execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        published = await publications(await latest_revision())
        drafts = {(draft.what, draft.slug): draft for draft in await drafts_of()}
        changed: list[tuple[Thing, Definition]] = []
        for what, definition in _all_of(file):
            draft = drafts.get((what, definition.slug))
            version = latest_of(what, published).get(definition.slug)
            if draft is None and _says(version, definition):
                continue
            if draft is None or not _says(draft, definition):
                changed.append((Thing(what, definition.slug, version, draft), definition))
        _refuse_others([each for each, _ in changed])
        if changed:
            rows = [_row(each, definition) for each, definition in changed]
            columns = [[value for [value] in column] for column in zip(*rows, strict=True)]
            await execute(_SAVE, *columns, by.actor, clock.now())
            await _note("catalogue.draft_saved", [each for each, _ in changed], by)
        saved = {(draft.what, draft.slug): draft for draft in await drafts_of()}
        return [each._replace(draft=saved[each.what, each.slug]) for each, _ in changed]


def _all_of(file: CatalogueFile) -> Iterable[tuple[What, Definition]]:
    for each in wanted_by(file):
        yield each.what, next(d for d in getattr(file, each.what) if d.slug == each.slug)


def _says(known: Version | Drafted | None, definition: Definition) -> bool:
    """Whether a version or a draft says the same."""
    if known is None or known.definition is None:
        return False
    retired = isinstance(known, Version) and known.retired
    return not retired and written(known.definition) == written(definition)


def _refuse_others(changed: Sequence[Thing]) -> None:
    others = [f"{each.what} {each.slug}" for each in changed if each.draft is not None]
    if others:
        raise DraftsInTheWay(f"Drop them first, or take them out of the file: {', '.join(others)}.")


def _row(before: Thing, definition: Definition | None) -> list[list[Any]]:
    plain = None if definition is None else written(definition).decode()
    return [[before.what], [before.slug], [plain], [before.number]]


async def _hold(what: What, slug: str) -> None:
    """Let nobody else save this one meanwhile, nor a file."""
    await execute("SELECT pg_advisory_xact_lock_shared($1)", LOCK)
    stripe = LOCK + 1 + zlib.crc32(f"{what}:{slug}".encode()) % 1000
    await execute("SELECT pg_advisory_xact_lock($1)", stripe)


async def _thing(what: What, slug: str) -> Thing:
    return (await things_named([(what, slug)]))[what, slug]


def _drafted(row: asyncpg.Record) -> Drafted:
    definition = row["definition"]
    return Drafted(
        row["what"],
        row["slug"],
        row["revision"],
        None if definition is None else read(row["what"], definition),
        row["based_on"],
        row["edited_by"],
        row["edited_at"],
    )


def _require_published(before: Thing) -> None:
    if before.version is None or before.version.retired:
        raise NotInCatalogue(f"There is no {before.what} {before.slug} to be retired.")


async def _refuse_faults(what: What, definition: Definition) -> None:
    """Raise what is wrong with it beside all that is in force and all that is drafted."""
    tables: dict[str, list[Any]] = {what: [definition]}
    for draft in await drafts_of():
        if draft.definition is not None and (draft.what, draft.slug) != (what, definition.slug):
            tables.setdefault(draft.what, []).append(draft.definition)
    place = f"/{what}/0"
    wrong = [
        FieldError(fault.pointer.removeprefix(place), fault.detail)
        for fault in faults(CatalogueFile(**tables), await current())
        if fault.pointer == place or fault.pointer.startswith(f"{place}/")
    ]
    if wrong:
        raise CatalogueInvalid.with_faults(wrong)


async def _note(action: str, changed: Iterable[Thing], by: Caller) -> None:
    for each in changed:
        await record(by, action, subject=f"{each.what}:{each.slug}")
