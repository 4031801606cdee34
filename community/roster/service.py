"""What staff sees of the community's members."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from community.members.errors import MemberNotFound
from community.members.tables import MemberState
from gamification.players.tables import Population
from ground.engine import fetch
from ground.roles import Role

LISTED: Final = """
SELECT member.id, member.state, member.role, member.display_name, member.pseudonym,
       member.created_at, member.joined_at, member.left_at, player.population
FROM member JOIN player ON player.member_id = member.id
"""
NEWEST_FIRST: Final = """
WHERE member.state = $1 AND ($2::timestamptz IS NULL OR (member.created_at, member.id) < ($2, $3))
ORDER BY member.created_at DESC, member.id DESC LIMIT $4
"""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A member as staff sees them."""

    id: UUID
    state: MemberState
    role: Role
    display_name: str
    pseudonym: str | None
    population: Population
    created_at: datetime
    joined_at: datetime | None
    left_at: datetime | None


async def members(
    state: MemberState, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Listed]:
    """Members of a state, newest first."""
    moment, member_id = before or (None, None)
    rows = await fetch(LISTED + NEWEST_FIRST, state.value, moment, member_id, limit)
    return msgspec.convert([dict(row) for row in rows], list[Listed])


async def several(member_ids: Collection[UUID]) -> dict[UUID, Listed]:
    """These members, whatever their state."""
    rows = await fetch(LISTED + "WHERE member.id = ANY($1::uuid[])", list(member_ids))
    return {row["id"]: msgspec.convert(dict(row), Listed) for row in rows}


async def member(member_id: UUID) -> Listed:
    """One member, whatever their state."""
    rows = await fetch(LISTED + "WHERE member.id = $1", member_id)
    if not rows:
        raise MemberNotFound
    return msgspec.convert(dict(rows[0]), Listed)
