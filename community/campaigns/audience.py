"""Whom a campaign is for: a segment as it is at the moment, or everybody who is there."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from gamification.catalogue.service import current
from gamification.segments.statement import members_who
from ground import clock
from ground.errors import FieldError
from ground.long_reads import fetch_long
from notifications.campaigns.definition import Campaign
from notifications.campaigns.errors import CampaignInvalid
from notifications.campaigns.foreseeing import Members

EVERYBODY: Final = "FROM player p WHERE p.state = 'active'"
NOBODY: Final = "FROM player p WHERE false"

SIZE: Final = "SELECT count(*) AS members {members}"
PAGE: Final = """
SELECT p.member_id {members} AND p.member_id > {after}::uuid
ORDER BY p.member_id LIMIT {limit}::int
"""


async def audience(campaign: Campaign) -> Members:
    """The members it is for, to be put into a statement. Of a segment that is gone, nobody."""
    if campaign.segment is None:
        return Members(EVERYBODY, [])
    catalogue = await current()
    segment = catalogue.segments.get(campaign.segment)
    if segment is None:
        return Members(NOBODY, [])
    sql, values = members_who(segment.of, catalogue, clock.now())
    return Members(sql, values)


async def refuse_unknown(campaign: Campaign) -> None:
    """Raise unless the segment is in force."""
    if campaign.segment is not None and campaign.segment not in (await current()).segments:
        wrong = FieldError("/segment", "There is no such segment in force")
        raise CampaignInvalid.with_faults([wrong])


async def size(campaign: Campaign) -> int:
    """How many it is for now."""
    members = await audience(campaign)
    [row] = await fetch_long(SIZE.format(members=members.sql), *members.values)
    return int(row["members"])


async def page(campaign: Campaign, after: UUID, limit: int) -> Sequence[UUID]:
    """Some of them by their ids, which say nothing about anybody: parts of all are mixed."""
    members = await audience(campaign)
    values: list[Any] = [*members.values, after, limit]
    statement = PAGE.format(
        members=members.sql, after=f"${len(values) - 1}", limit=f"${len(values)}"
    )
    return [row["member_id"] for row in await fetch_long(statement, *values)]
