"""What those who are connected may do now: asked for many at a time, again and again."""

from collections.abc import Collection
from uuid import UUID

from ground.engine import fetch
from ground.roles import Role


async def active_roles(member_ids: Collection[UUID]) -> dict[UUID, Role]:
    """The roles of those who are active members. Who left or was merged isn't among them."""
    if not member_ids:
        return {}
    rows = await fetch(
        "SELECT id, role FROM member WHERE id = ANY($1) AND state = 'active'", list(member_ids)
    )
    return {row["id"]: Role(row["role"]) for row in rows}
