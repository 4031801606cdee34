"""Squads as members and moderators read them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from gamification.by_hand.reason import Reason, reason_in
from gamification.squads.errors import SquadNotFound
from ground import clock
from ground.engine import fetch

# A squad with one row for each of its members, in the order in which they came.
_ONE: Final = """
SELECT squad.*, mate.member_id, mate.joined_at, mate.appears, EXISTS (
        SELECT FROM squad_invitation AS invitation
        WHERE invitation.squad = squad.id AND invitation.member_id = $2
            AND invitation.declined_at IS NULL AND invitation.expires_at > $3
    ) AS is_invited
FROM squad LEFT JOIN squad_member AS mate ON mate.squad = squad.id
WHERE squad.id = $1 ORDER BY mate.id
"""
_OF_MEMBER: Final = """
SELECT squad.*, mate.member_id, mate.joined_at, mate.appears, false AS is_invited
FROM squad_member AS mine
JOIN squad ON squad.id = mine.squad
JOIN squad_member AS mate ON mate.squad = squad.id
WHERE mine.member_id = $1 ORDER BY mine.id, mate.id
"""
_OPEN: Final = """
SELECT * FROM squad
WHERE is_open AND dissolved_at IS NULL AND members < most
    AND ($1::timestamptz IS NULL OR (founded_at, id) < ($1, $2::uuid))
ORDER BY founded_at DESC, id DESC LIMIT $3
"""
_ALL: Final = """
SELECT * FROM squad
WHERE $1::timestamptz IS NULL OR (founded_at, id) < ($1, $2::uuid)
ORDER BY founded_at DESC, id DESC LIMIT $3
"""

_NAMES: Final = """
SELECT squad.id, squad.name, mate.id IS NOT NULL AS is_mine
FROM squad LEFT JOIN squad_member AS mate ON mate.squad = squad.id AND mate.member_id = $2
WHERE squad.id = ANY($1) AND squad.dissolved_at IS NULL AND (squad.is_open OR mate.id IS NOT NULL)
"""


class Mate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a squad."""

    member_id: UUID
    joined_at: datetime
    appears: bool


class SquadRead(msgspec.Struct, frozen=True, kw_only=True):
    """A squad, with who is in it where that was asked for."""

    id: UUID
    name: str
    members: int
    most: int
    is_open: bool
    founded_at: datetime
    renamed_because: Reason | None
    dissolved_at: datetime | None
    dissolved_because: Reason | None
    mates: tuple[Mate, ...] = ()
    is_invited: bool = False

    @property
    def founder(self) -> UUID | None:
        """Who has been there the longest."""
        return self.mates[0].member_id if self.mates else None

    def has(self, member_id: UUID) -> bool:
        """Whether somebody is in it."""
        return any(mate.member_id == member_id for mate in self.mates)

    def is_seen_by(self, member_id: UUID) -> bool:
        """Whether it is theirs to look at."""
        there = self.dissolved_at is None
        return there and (self.is_open or self.is_invited or self.has(member_id))


async def squad_for(squad_id: UUID, member_id: UUID) -> SquadRead:
    """A squad that is open, or that one is in or was invited to."""
    found = _several(await fetch(_ONE, squad_id, member_id, clock.now()))
    if not found or not found[0].is_seen_by(member_id):
        raise SquadNotFound
    return found[0]


async def squad(squad_id: UUID) -> SquadRead:
    """A squad, whatever became of it."""
    found = _several(await fetch(_ONE, squad_id, None, clock.now()))
    if not found:
        raise SquadNotFound
    return found[0]


async def squads_of(member_id: UUID) -> list[SquadRead]:
    """The squads that somebody is in, in the order in which they joined."""
    return _several(await fetch(_OF_MEMBER, member_id))


async def open_ones(*, before: tuple[datetime, UUID] | None, limit: int) -> list[SquadRead]:
    """Squads that anybody may join and that have room, the newest first."""
    return [_one([row]) for row in await fetch(_OPEN, *(before or (None, None)), limit)]


async def all_of_them(*, before: tuple[datetime, UUID] | None, limit: int) -> list[SquadRead]:
    """Every squad there is, and those that were dissolved, the newest first."""
    return [_one([row]) for row in await fetch(_ALL, *(before or (None, None)), limit)]


async def names_for(
    squad_ids: Collection[UUID], member_id: UUID
) -> tuple[dict[UUID, str], set[UUID]]:
    """The names of these squads that a member may read, and which of them are theirs."""
    rows = await fetch(_NAMES, list(squad_ids), member_id) if squad_ids else []
    return {row["id"]: row["name"] for row in rows}, {row["id"] for row in rows if row["is_mine"]}


def _several(rows: Sequence[asyncpg.Record]) -> list[SquadRead]:
    """The squads that rows are about, one of each, in their order."""
    by_squad: dict[UUID, list[asyncpg.Record]] = {}
    for row in rows:
        by_squad.setdefault(row["id"], []).append(row)
    return [_one(of_one) for of_one in by_squad.values()]


def _one(rows: Sequence[asyncpg.Record]) -> SquadRead:
    first = rows[0]
    return SquadRead(
        id=first["id"],
        name=first["name"],
        members=first["members"],
        most=first["most"],
        is_open=first["is_open"],
        founded_at=first["founded_at"],
        renamed_because=reason_in(first["renamed_because"]),
        dissolved_at=first["dissolved_at"],
        dissolved_because=reason_in(first["dissolved_because"]),
        mates=tuple(_mate(row) for row in rows if row.get("member_id") is not None),
        is_invited=bool(first.get("is_invited")),
    )


def _mate(row: asyncpg.Record) -> Mate:
    return Mate(member_id=row["member_id"], joined_at=row["joined_at"], appears=row["appears"])
