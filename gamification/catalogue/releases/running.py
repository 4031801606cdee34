"""Letting releases run to their end: from the worker, or from a command that waits for it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import asyncpg
import structlog

from gamification.catalogue.errors import CatalogueInvalid, CriteriaCycle, NotInCatalogue
from gamification.catalogue.releases import release as releases
from gamification.catalogue.releases.errors import NotToBeRolledBack
from gamification.catalogue.releases.release import Refusal, Release
from gamification.catalogue.releases.steps import step
from ground import clock
from ground.engine import execute, fetch
from ground.errors import AmbassadeError
from ground.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

# Crediting, or an import, was longer at it than a step waits.
BUSY: Final = (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError)
PAUSE_SECONDS: Final = 5.0
# One that nobody touched for so long has lost its worker.
FORGOTTEN: Final = timedelta(seconds=60)

Told = Callable[[Release], None]


async def run(release_id: int, told: Told | None = None) -> Release:
    """Do all steps of a release that there are to do now.

    A crash leaves it where its last step ended. Two that run it at once take turns.
    """
    release = await _begun(release_id)
    while release.at_work:
        try:
            release = await step(release_id)
        except (CatalogueInvalid, CriteriaCycle, NotInCatalogue, NotToBeRolledBack) as refusal:
            release = await _refused(release_id, refusal)
        except BUSY as failure:
            log.info("publication_waits", release=release_id, reason=type(failure).__name__)
            await asyncio.sleep(PAUSE_SECONDS)
        if told is not None:
            told(release)
    return release


async def run_due() -> None:
    """Take up every release that is due, or that was left by a worker that died."""
    rows = await fetch(
        """
        SELECT id FROM catalogue_release
        WHERE (state = 'waiting' AND due_at <= $1)
            OR (state IN ('running', 'going_back') AND touched_at < $2)
        ORDER BY state = 'waiting', due_at, id
        """,
        clock.now(),
        clock.now() - FORGOTTEN,
    )
    for row in rows:
        await run(row["id"])


async def _begun(release_id: int) -> Release:
    """Let one that waited begin, if its moment has come and no other is at work."""
    async with unit_of_work():
        release = await releases.hold(release_id)
        if release.state != "waiting" or release.since > clock.now():
            return release
        await execute(
            """
            UPDATE catalogue_release SET state = 'running', phase = 'beginning', touched_at = $2
            WHERE id = $1 AND NOT EXISTS (
                SELECT FROM catalogue_release WHERE state IN ('running', 'going_back'))
            """,
            release_id,
            clock.now(),
        )
        return await releases.read(release_id)


async def _refused(release_id: int, refusal: AmbassadeError) -> Release:
    """It can't come into force, or go back, as the catalogue is now. Nothing has changed."""
    problem = Refusal(code=refusal.code, detail=refusal.detail, errors=list(refusal.errors))
    async with unit_of_work():
        release = await releases.hold(release_id)
        await releases.finish(release, "done" if release.backwards else "failed", problem)
        return await releases.read(release_id)
