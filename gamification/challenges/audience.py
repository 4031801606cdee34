"""Whom a challenge is for: a segment of members, or everybody."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from gamification.catalogue.service import current
from gamification.segments.statement import members_who
from ground import clock
from ground.engine import fetch

_WHO: Final = "SELECT p.member_id {members}"


async def is_in(segment: str, member_ids: Collection[UUID]) -> set[UUID]:
    """Who of these is in a segment now. In one that is in force no more, nobody is."""
    catalogue = await current()
    found = catalogue.segments.get(segment)
    if found is None:
        return set()
    members = members_who(found.of, catalogue, clock.now(), only=list(member_ids))
    rows = await fetch(_WHO.format(members=members.sql), *members.values)
    return {row["member_id"] for row in rows}


async def segments_of(member_id: UUID, segments: Collection[str]) -> set[str]:
    """Which of these segments a member is in: a statement for each, and there are few."""
    return {segment for segment in segments if await is_in(segment, [member_id])}
