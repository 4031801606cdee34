"""Asking for publications, and for their undoing. The worker does the rest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg

from gamification.catalogue.definitions import What
from gamification.catalogue.drafts.service import drafts_of, things_named
from gamification.catalogue.drafts.thing import Thing
from gamification.catalogue.releases import release as releases
from gamification.catalogue.releases.errors import (
    DraftChanged,
    DraftOutdated,
    NothingToPublish,
    NotToBeRolledBack,
    PublicationAtWork,
)
from gamification.catalogue.releases.release import Release
from gamification.catalogue.releases.undoing import versions_back
from gamification.catalogue.releases.wanted import Wanted, plain_of, planned
from gamification.catalogue.service import latest_revision, rows_until
from ground import clock
from ground.audit import record
from ground.callers import Caller
from ground.engine import execute, fetchval
from ground.errors import FieldError
from ground.jobs import defer
from ground.unit_of_work import unit_of_work

TASK: Final = "catalogue.publication"
# What a draft is, and the `ETag` under which its reader saw it.
Seen = tuple[What, str, str | None]


async def wanted_drafts(seen: Sequence[Seen] | None) -> list[Wanted]:
    """What these drafts want, or all drafts. Refused where one isn't as it was seen."""
    if seen is None:
        seen = [(draft.what, draft.slug, None) for draft in await drafts_of()]
    found = await things_named({(what, slug) for what, slug, _ in seen})
    wanted: dict[tuple[What, str], Wanted] = {}
    changed, outdated = list[FieldError](), list[FieldError]()
    for place, (what, slug, etag) in enumerate(seen):
        thing = found[what, slug]
        if thing.draft is None or etag not in {None, thing.etag}:
            changed.append(FieldError(f"/drafts/{place}", _as_it_is(thing)))
        elif thing.outdated:
            outdated.append(FieldError(f"/drafts/{place}", "Save it again over what is published"))
        else:
            definition = thing.draft.definition
            wanted[what, slug] = Wanted(
                what=what,
                slug=slug,
                definition=None if definition is None else plain_of(definition),
                draft=thing.draft.revision,
            )
    if changed:
        raise DraftChanged(errors=tuple(changed))
    if outdated:
        raise DraftOutdated(errors=tuple(outdated))
    return list(wanted.values())


def _as_it_is(thing: Thing) -> str:
    return "There is no draft" if thing.draft is None else f"Its ETag is {thing.etag}"


async def ask(
    wanted: Sequence[Wanted], *, to_the_past: bool, at: datetime | None, by: Caller
) -> Release:
    """Let changes come into force, now or at a moment. Raises what speaks against it."""
    now = clock.now()
    later = at if at is not None and at > now else None
    async with unit_of_work():
        rows = await rows_until(await latest_revision())
        if not planned(wanted, rows, now, since=later or now, to_the_past=to_the_past):
            raise NothingToPublish
        await _refuse_if_at_work(later)
        try:
            release = await releases.add(
                wanted,
                by=by,
                state="waiting" if later else "running",
                to_the_past=to_the_past,
                due_at=later,
            )
        except asyncpg.UniqueViolationError as rival:
            raise PublicationAtWork from rival
        await record(
            by,
            "catalogue.publication_asked",
            subject=f"publication:{release.id}",
            details={
                "things": [f"{each.what}:{each.slug}" for each in wanted],
                "to_the_past": to_the_past,
                "at": later and later.isoformat(),
            },
        )
        await defer(TASK, {"publication": release.id}, at=later)
    return release


async def _refuse_if_at_work(later: datetime | None) -> None:
    if later is None and (other := await at_work()) is not None:
        raise PublicationAtWork(f"Publication {other} is at work.")


async def at_work() -> int | None:
    """The publication that is coming into force or going back, if any."""
    found: int | None = await fetchval(
        "SELECT id FROM catalogue_release WHERE state IN ('running', 'going_back')"
    )
    return found


async def roll_back(release_id: int, *, by: Caller) -> Release:
    """Let everything be as if it hadn't been published. Safe to ask again.

    Refused where something later builds on it.
    """
    async with unit_of_work():
        release = await releases.hold(release_id)
        if release.state in {"going_back", "rolled_back"}:
            return release
        if release.state == "failed":
            raise NotToBeRolledBack("It never came into force.")
        if release.in_force_at is not None:
            versions_back(await rows_until(await latest_revision()), release_id, clock.now())
        await _turn_round(release, by)
        await record(by, "catalogue.rollback_asked", subject=f"publication:{release.id}")
        return await releases.read(release_id)


async def _turn_round(release: Release, by: Caller) -> None:
    never_began = release.state == "waiting"
    try:
        await execute(
            """
            UPDATE catalogue_release SET state = $2, phase = $3, rolled_back_by = $4,
                rolled_back_role = $5, finished_at = $6, touched_at = $7, problem = NULL
            WHERE id = $1
            """,
            release.id,
            "rolled_back" if never_began else "going_back",
            None if never_began else "beginning",
            by.actor,
            by.role.value,
            clock.now() if never_began else None,
            clock.now(),
        )
    except asyncpg.UniqueViolationError as rival:
        raise PublicationAtWork(f"Publication {release.id} has to wait for it.") from rival
    if not never_began:
        await defer(TASK, {"publication": release.id})
