"""Managers at work on the catalogue: drafts, publications and previews, without HTTP."""

from uuid import UUID

from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.drafts import service as drafts
from gamification.catalogue.releases import release as releases
from gamification.catalogue.releases import service
from gamification.catalogue.releases.running import run
from gamification.catalogue.releases.steps import step
from gamification.catalogue.releases.wanted import wanted_by
from ground.callers import Caller, CallerKind
from ground.engine import fetch
from ground.roles import Role

MAX = Caller(kind=CallerKind.MEMBER, member_id=UUID(int=0x3A8), role=Role.MANAGER)


async def asked(file: CatalogueFile, *, to_the_past=True, at=None):
    """A publication that was asked for and hasn't begun."""
    return await service.ask(wanted_by(file), to_the_past=to_the_past, at=at, by=MAX)


async def published(file: CatalogueFile, **how):
    """A publication that came into force."""
    return await run((await asked(file, **how)).id)


async def rolled_back(release):
    """The same after it was rolled back."""
    await service.roll_back(release.id, by=MAX)
    return await run(release.id)


async def until(release, phase):
    """Let a publication go on until it is in a phase."""
    release = await releases.read(release.id)
    while release.phase != phase:
        release = await step(release.id)
    return release


async def draft(what, definition, *, seen=None):
    """Save a draft as somebody who has seen it as it is."""
    known = {each.slug: each for each in await drafts.things(what)}.get(definition.slug)
    if_match = None if known is None else known.etag
    return await drafts.save(
        what,
        definition.slug,
        definition,
        if_match=seen or if_match,
        if_none_match=None if known or seen else "*",
        by=MAX,
    )


async def held() -> set[tuple[str, UUID, str]]:
    """Everything that anybody holds."""
    rows = await fetch(
        "SELECT badge AS slug, member_id, subject FROM award WHERE taken_back_at IS NULL"
        " UNION ALL SELECT tier, member_id, '' FROM tier_held"
    )
    return {(row["slug"], row["member_id"], row["subject"]) for row in rows}
