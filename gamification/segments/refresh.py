"""Brings up to date who is in the segments that are in use: also by time alone."""

from typing import Final
from uuid import UUID

import structlog

from gamification.boards.copy import players_changed
from gamification.boards.sets import sets_of
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import SegmentDefinition
from gamification.catalogue.service import current
from gamification.ledger import intake
from gamification.segments import keep
from ground import clock
from ground.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

# So many are found by one look at everybody, and so many are held at once.
FOUND_AT_ONCE: Final = 50_000
HELD_AT_ONCE: Final = 500


async def refresh() -> int:
    """Let every segment in use hold whom it is of now. Return how many came or went.

    Members are held some at a time, so that nobody's crediting waits for long, and boards hear
    of each. What a crash leaves is found the next time.
    """
    catalogue = await current()
    await keep.forget_unused(catalogue)
    await keep.forget_periods([each.period for each in sets_of(catalogue, clock.now())])
    changed = 0
    for segment in keep.in_use(catalogue):
        found = await _refresh(segment, catalogue)
        changed += found
        if found:
            log.info("segment_refreshed", segment=segment.slug, changed=found)
    return changed


async def _refresh(segment: SegmentDefinition, catalogue: Catalogue) -> int:
    after, changed = UUID(int=0), 0
    while True:
        found = await keep.strays(segment, catalogue, after, FOUND_AT_ONCE)
        for start in range(0, len(found), HELD_AT_ONCE):
            await _follow(found[start : start + HELD_AT_ONCE])
        changed += len(found)
        if len(found) < FOUND_AT_ONCE:
            return changed
        after = found[-1]


async def _follow(member_ids: list[UUID]) -> None:
    async with unit_of_work():
        await intake.catalogue_revision()
        await intake.hold_players(member_ids)
        await players_changed(member_ids)
