"""Sends campaigns: goes through their members and hands them down, until all were written to."""

from typing import Final
from uuid import UUID

import structlog

from community.campaigns import audience
from ground import clock
from notifications.campaigns import keeping, sending
from notifications.campaigns.errors import CampaignNotFound
from notifications.campaigns.keeping import Kept
from notifications.campaigns.tables import State

log = structlog.get_logger(__name__)

# So many are looked for at once: a segment costs the same for one and for many.
LOOKED_FOR: Final = 10_000
START: Final = UUID(int=0)


async def by_the_clock() -> None:
    """Go on with all campaigns that have something to send."""
    for campaign_id in await keeping.due(clock.now()):
        try:
            await send(campaign_id)
        except Exception:
            # It is tried again in a minute, and is no reason for others to wait.
            log.exception("campaign_failed", campaign=str(campaign_id))


async def send(campaign_id: UUID) -> None:
    """Write to as many as may be written to by now. After a crash it goes on where it was."""
    kept = await _begun(campaign_id)
    while kept is not None and kept.state is State.SENDING:
        after = kept.after or START
        found = await audience.page(kept.definition, after, LOOKED_FOR)
        is_end = len(found) < LOOKED_FOR
        if not await sending.write_to(campaign_id, after, found, is_end=is_end):
            return
        kept = await keeping.one(campaign_id)


async def _begun(campaign_id: UUID) -> Kept | None:
    try:
        kept = await keeping.one(campaign_id)
    except CampaignNotFound:
        return None
    if kept.state is State.SCHEDULED:
        return await sending.begin(campaign_id, await audience.size(kept.definition))
    return kept
