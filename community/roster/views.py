"""What is said about members to staff, and by staff."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from community.members.tables import MemberState
from community.roster.service import Listed
from gamification.players.tables import Population
from ground.roles import Role


class ListedView(msgspec.Struct, frozen=True, kw_only=True):
    """A member as staff sees them. Who left or was only imported has no name."""

    id: UUID
    state: MemberState
    role: Role
    display_name: Annotated[str, Meta(max_length=60, examples=["Camille Durand"])]
    pseudonym: Annotated[str | None, Meta(examples=["Luciole"])]
    population: Population
    created_at: datetime
    joined_at: datetime | None
    left_at: datetime | None

    @classmethod
    def of(cls, listed: Listed) -> "ListedView":
        return cls(**msgspec.structs.asdict(listed))


class RoleWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member shall be allowed to do."""

    role: Annotated[Role, Meta(description="`ambassador` takes every other role away.")]


class SuccessorWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account that stays."""

    member: Annotated[UUID, Meta(description="An active member.")]
