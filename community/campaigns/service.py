"""Campaigns with whom they are for."""

from datetime import datetime
from uuid import UUID

from community.campaigns import audience
from community.campaigns.views import AudienceView, CampaignView, ResultsView
from ground import cursors
from ground.callers import Caller
from ground.engine import fetchval
from ground.http import Page
from ground.languages import Language
from ground.roles import Role
from ground.unit_of_work import retried
from notifications.campaigns import keeping, managing
from notifications.campaigns.definition import Campaign
from notifications.campaigns.errors import SenderGone
from notifications.campaigns.foreseeing import foresee
from notifications.campaigns.keeping import Kept
from notifications.campaigns.limits import limits
from notifications.campaigns.results import results


async def several(limit: int, cursor: str | None) -> Page[CampaignView]:
    """Campaigns, the newest first."""
    before = cursors.decode(cursor, datetime, UUID) if cursor else None
    found = await keeping.several(before, limit + 1)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return Page(
        items=[CampaignView.of(each) for each in shown],
        next_cursor=None if last is None else cursors.encode(last.created_at, last.id),
    )


async def create(definition: Campaign, *, by: Caller) -> Kept:
    """Write a draft."""
    await audience.refuse_unknown(definition)
    return await managing.create(definition, by=by)


async def change(
    campaign_id: UUID, definition: Campaign, if_match: str | None, *, by: Caller
) -> Kept:
    """Change a draft."""
    await audience.refuse_unknown(definition)
    return await managing.change(campaign_id, definition, if_match=if_match, by=by)


async def schedule(
    campaign_id: UUID, at: datetime | None, if_match: str | None, *, by: Caller
) -> Kept:
    """Let a draft go out, to as many as it is for now."""
    draft = await keeping.one(campaign_id)
    await audience.refuse_unknown(draft.definition)
    size = await audience.size(draft.definition)
    # What was counted is what was written when the caller saw it.
    return await retried(lambda: managing.schedule(campaign_id, at, size, if_match=if_match, by=by))


async def approve(campaign_id: UUID, if_match: str | None, *, by: Caller) -> Kept:
    """Give the second word to what another who is still a manager wants to send."""

    async def approved() -> Kept:
        found = await managing.approve(campaign_id, if_match=if_match, by=by)
        role = await fetchval("SELECT role FROM member WHERE id = $1", found.wanted_by)
        if role is None or not Role(role).reaches(Role.MANAGER):
            raise SenderGone
        return found

    return await retried(approved)


async def foreseen(campaign_id: UUID, language: Language) -> AudienceView:
    """Who would get it, and who wouldn't and why."""
    kept = await keeping.one(campaign_id)
    members = await audience.audience(kept.definition)
    found = await foresee(kept.definition, members, kept.starts_at)
    return AudienceView.of(found, limits().alone, language)


async def what_became(campaign_id: UUID, language: Language) -> ResultsView:
    """What became of it so far."""
    return ResultsView.of(await results(campaign_id), language)
