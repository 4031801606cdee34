"""Found a squad, join it, change it, leave it.

Locks are taken in one order: the catalogue (shared), members, then squads, each by id. Whoever
joins or leaves holds the squad's row, which counts its members.
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID, uuid4

import msgspec

from gamification.challenges import taking_part
from gamification.ledger import intake
from gamification.players.tables import PlayerState
from gamification.squads import asking
from gamification.squads.errors import (
    FounderNeeded,
    SquadFull,
    SquadNotFound,
    SquadTooSmall,
    TooManySquads,
)
from ground import clock
from ground.engine import execute, fetch, fetchrow, fetchval
from ground.unit_of_work import retried, unit_of_work

USUAL_SIZE: Final = 12
MOST_SQUADS: Final = 3

_FOUND: Final = """
INSERT INTO squad (id, name, most, is_open, founded_at, members) VALUES ($1, $2, $3, $4, $5, 0)
"""
_HOLD: Final = """
SELECT id, most, members, is_open FROM squad
WHERE id = $1 AND dissolved_at IS NULL FOR NO KEY UPDATE
"""
_COME: Final = """
INSERT INTO squad_member (squad, member_id, joined_at, appears) VALUES ($1, $2, $3, $4)
"""
_GO: Final = """
WITH gone AS (DELETE FROM squad_member WHERE member_id = $1 AND squad = ANY($2) RETURNING squad)
UPDATE squad SET members = members - 1 FROM gone WHERE squad.id = gone.squad
"""
_GONE: Final = """
DELETE FROM squad WHERE id = ANY($1) AND members = 0 AND dissolved_at IS NULL RETURNING id
"""
_OF_MEMBER: Final = """
SELECT id FROM squad WHERE id IN (SELECT squad FROM squad_member WHERE member_id = $1)
ORDER BY id FOR NO KEY UPDATE
"""
_BOTH: Final = """
SELECT squad FROM squad_member WHERE member_id = ANY($1) GROUP BY squad HAVING count(*) > 1
"""
_INVITED_ALREADY: Final = """
DELETE FROM squad_invitation AS one WHERE member_id = $1 AND EXISTS (
    SELECT FROM squad_invitation AS other
    WHERE other.squad = one.squad AND other.member_id = $2
)
"""
_FOUNDER: Final = "SELECT member_id FROM squad_member WHERE squad = $1 ORDER BY id LIMIT 1"


class Held(msgspec.Struct, frozen=True):
    """A squad whose row is held."""

    id: UUID
    most: int
    members: int
    is_open: bool


async def found(
    member_id: UUID,
    name: str,
    *,
    most: int = USUAL_SIZE,
    is_open: bool = False,
    appears: bool,
) -> UUID:
    """Found a squad. The name is checked already."""
    async with unit_of_work():
        await _hold_member(member_id)
        await _refuse_too_many(member_id)
        squad_id = uuid4()
        await execute(_FOUND, squad_id, name, most, is_open, clock.now())
        await _come(squad_id, member_id, appears=appears)
    return squad_id


async def join(squad_id: UUID, member_id: UUID, *, appears: bool) -> None:
    """Join an open squad, or one that one was invited to. Say anew whether one appears in it."""
    async with unit_of_work():
        await _hold_member(member_id)
        held = await hold(squad_id)
        if not held.is_open and not await _is_expected(squad_id, member_id):
            raise SquadNotFound
        await enter(held, member_id, appears=appears)


async def enter(held: Held, member_id: UUID, *, appears: bool) -> None:
    """Let somebody in, whose row and whose squad are held. Who is there already may reappear."""
    if await is_mate(held.id, member_id):
        await execute(
            "UPDATE squad_member SET appears = $3 WHERE squad = $1 AND member_id = $2",
            held.id,
            member_id,
            appears,
        )
        return
    await _refuse_too_many(member_id)
    if held.members >= held.most:
        raise SquadFull
    await _come(held.id, member_id, appears=appears)
    await execute(
        "DELETE FROM squad_invitation WHERE squad = $1 AND member_id = $2", held.id, member_id
    )
    await asking.ask_no_more(held.id, member_id)


async def leave(squad_id: UUID, member_id: UUID) -> None:
    """Leave at once, without a word. Who isn't in it isn't in it."""

    async def left() -> None:
        async with unit_of_work():
            await intake.catalogue_revision()
            await intake.hold_players([member_id])
            if await fetchrow(_HOLD, squad_id) is not None:
                await _go(member_id, [squad_id])
                await taking_part.leave_team(squad_id, member_id)

    await retried(left)


async def leave_all(member_id: UUID) -> None:
    """Leave everything with the programme. Call it in a transaction that holds the member."""
    await _go(member_id, [row["id"] for row in await fetch(_OF_MEMBER, member_id)])
    await execute("DELETE FROM squad_invitation WHERE member_id = $1", member_id)


async def move(gone: UUID, survivor: UUID) -> None:
    """Let the survivor of a merge be where the other was. Both members are held."""
    await fetch(_OF_MEMBER, gone)
    await _go(gone, [row["squad"] for row in await fetch(_BOTH, [gone, survivor])])
    await execute("UPDATE squad_member SET member_id = $2 WHERE member_id = $1", gone, survivor)
    await execute(_INVITED_ALREADY, gone, survivor)
    await execute("UPDATE squad_invitation SET member_id = $2 WHERE member_id = $1", gone, survivor)


async def change(
    squad_id: UUID,
    member_id: UUID,
    *,
    name: str | None = None,
    most: int | None = None,
    is_open: bool | None = None,
) -> None:
    """Change what is given. Only who has been there the longest does."""
    async with unit_of_work():
        held = await hold_as_mate(squad_id, member_id)
        if await fetchval(_FOUNDER, squad_id) != member_id:
            raise FounderNeeded
        if most is not None and most < held.members:
            raise SquadTooSmall
        await execute(
            """
            UPDATE squad SET name = coalesce($2, name), most = coalesce($3, most),
                is_open = coalesce($4, is_open),
                renamed_because = CASE WHEN $2 IS NULL THEN renamed_because END
            WHERE id = $1
            """,
            squad_id,
            name,
            most,
            is_open,
        )


async def hold(squad_id: UUID) -> Held:
    """Hold a squad's row until the transaction ends."""
    row = await fetchrow(_HOLD, squad_id)
    if row is None:
        raise SquadNotFound
    return Held(**row)


async def hold_as_mate(squad_id: UUID, member_id: UUID) -> Held:
    """Hold the row of a squad that one is in."""
    held = await hold(squad_id)
    if not await is_mate(squad_id, member_id):
        raise SquadNotFound
    return held


async def mates_of(squad_id: UUID) -> set[UUID]:
    """Who is in a squad."""
    rows = await fetch("SELECT member_id FROM squad_member WHERE squad = $1", squad_id)
    return {row["member_id"] for row in rows}


async def is_mate(squad_id: UUID, member_id: UUID) -> bool:
    """Whether somebody is in a squad."""
    return bool(
        await fetchval(
            "SELECT EXISTS (SELECT FROM squad_member WHERE squad = $1 AND member_id = $2)",
            squad_id,
            member_id,
        )
    )


async def hold_newcomer(member_id: UUID) -> None:
    """Hold the row of who wants to join, before that of a squad."""
    await _hold_member(member_id)


async def _hold_member(member_id: UUID) -> None:
    await intake.catalogue_revision()
    known = await intake.hold_players([member_id])
    # Who left the programme a moment ago finds nothing any more.
    if member_id not in known or known[member_id].state != PlayerState.ACTIVE.value:
        raise SquadNotFound


async def _is_expected(squad_id: UUID, member_id: UUID) -> bool:
    """Whether somebody is in it, or was invited and may come."""
    return await is_mate(squad_id, member_id) or bool(
        await fetchval(
            """
            SELECT EXISTS (
                SELECT FROM squad_invitation
                WHERE squad = $1 AND member_id = $2 AND declined_at IS NULL AND expires_at > $3
            )
            """,
            squad_id,
            member_id,
            clock.now(),
        )
    )


async def _refuse_too_many(member_id: UUID) -> None:
    mine = await fetchval("SELECT count(*) FROM squad_member WHERE member_id = $1", member_id)
    if mine >= MOST_SQUADS:
        raise TooManySquads


async def _come(squad_id: UUID, member_id: UUID, *, appears: bool) -> None:
    await execute(_COME, squad_id, member_id, clock.now(), appears)
    await execute("UPDATE squad SET members = members + 1 WHERE id = $1", squad_id)


async def _go(member_id: UUID, squads: Iterable[UUID]) -> None:
    """Take a member out of squads whose rows are held. An empty one is gone."""
    left = list(squads)
    await execute(_GO, member_id, left)
    gone = await fetch(_GONE, left)
    for row in gone:
        await asking.ask_no_more(row["id"])
