"""Ask somebody to join, or hand out a code. After a no, nobody asks again."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import msgspec

from gamification.squads import asking, service
from gamification.squads.errors import (
    SquadCodeInvalid,
    SquadCodeNotFound,
    SquadFull,
    SquadNotFound,
    TooManyInvitations,
)
from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work

ASKED_FOR: Final = timedelta(days=30)
CODE_LASTS: Final = timedelta(days=7)
LONGEST_CODE: Final = timedelta(days=30)
MOST_WAITING: Final = 30
MOST_CODES: Final = 5
CODE_BYTES: Final = 16

# Somebody who let an invitation expire may be asked again; who said no may not.
_ASK: Final = """
INSERT INTO squad_invitation (squad, member_id, invited_by, asked_at, expires_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (squad, member_id) DO UPDATE
SET invited_by = excluded.invited_by, asked_at = excluded.asked_at,
    expires_at = excluded.expires_at
WHERE squad_invitation.declined_at IS NULL AND squad_invitation.expires_at <= excluded.asked_at
RETURNING id
"""
_WAITING: Final = """
SELECT invitation.id, invitation.squad, squad.name, squad.members, squad.most,
       invitation.invited_by, invitation.asked_at, invitation.expires_at, mate.appears
FROM squad_invitation AS invitation JOIN squad ON squad.id = invitation.squad
LEFT JOIN squad_member AS mate
    ON mate.squad = invitation.squad AND mate.member_id = invitation.invited_by
WHERE invitation.member_id = $1 AND invitation.declined_at IS NULL AND invitation.expires_at > $2
    AND ($3::bigint IS NULL OR invitation.id < $3)
ORDER BY invitation.id DESC LIMIT $4
"""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation that waits for an answer, or for none."""

    id: int
    squad: UUID
    name: str
    members: int
    most: int
    invited_by: UUID
    asked_at: datetime
    expires_at: datetime
    # Whether who asked appears to the squad; nothing if they left it since.
    appears: bool | None


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A code that works, without its secret."""

    id: UUID
    made_at: datetime
    expires_at: datetime


class NewCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code with its secret, which nobody can be told a second time."""

    code: Code
    secret: str


async def invite(squad_id: UUID, by: UUID, member_id: UUID) -> bool:
    """Ask a member to join, unless they were asked before. Return whether they are asked now."""
    now = clock.now()
    async with unit_of_work():
        held = await service.hold_as_mate(squad_id, by)
        if await service.is_mate(squad_id, member_id):
            return False
        if held.members >= held.most:
            raise SquadFull
        waiting = await fetchval(
            """
            SELECT count(*) FROM squad_invitation
            WHERE squad = $1 AND member_id <> $2 AND declined_at IS NULL AND expires_at > $3
            """,
            squad_id,
            member_id,
            now,
        )
        if waiting >= MOST_WAITING:
            raise TooManyInvitations
        asked = await fetchval(_ASK, squad_id, member_id, by, now, now + ASKED_FOR)
        if asked is not None:
            await asking.ask(squad_id, member_id, by)
    return asked is not None


async def decline(squad_id: UUID, member_id: UUID) -> None:
    """Say no, for good. Saying it again changes nothing."""
    async with unit_of_work():
        said = await fetchval(
            """
            UPDATE squad_invitation SET declined_at = coalesce(declined_at, $3)
            WHERE squad = $1 AND member_id = $2 RETURNING id
            """,
            squad_id,
            member_id,
            clock.now(),
        )
        if said is None:
            raise SquadNotFound
        await asking.ask_no_more(squad_id, member_id)


async def waiting(member_id: UUID, *, before: int | None, limit: int) -> list[Waiting]:
    """The squads that ask for somebody, the latest first."""
    rows = await fetch(_WAITING, member_id, clock.now(), before, limit)
    return [Waiting(**row) for row in rows]


async def make_code(squad_id: UUID, by: UUID, *, lasts: timedelta = CODE_LASTS) -> NewCode:
    """Make a code with which whoever has it can join."""
    now = clock.now()
    async with unit_of_work():
        await service.hold_as_mate(squad_id, by)
        await execute("DELETE FROM squad_code WHERE squad = $1 AND expires_at <= $2", squad_id, now)
        if await fetchval("SELECT count(*) FROM squad_code WHERE squad = $1", squad_id) >= (
            MOST_CODES
        ):
            raise TooManyInvitations
        made = NewCode(
            code=Code(id=uuid4(), made_at=now, expires_at=now + lasts),
            secret=secrets.token_urlsafe(CODE_BYTES),
        )
        await execute(
            """
            INSERT INTO squad_code (id, squad, digest, made_at, expires_at)
            VALUES ($1, $2, $3, $4, $5)
            """,
            made.code.id,
            squad_id,
            _digest(made.secret),
            now,
            made.code.expires_at,
        )
    return made


async def codes(squad_id: UUID, by: UUID) -> list[Code]:
    """The codes of one's squad that work."""
    rows = await fetch(
        """
        SELECT mate.member_id, code.id, code.made_at, code.expires_at
        FROM squad_member AS mate
        LEFT JOIN squad_code AS code ON code.squad = mate.squad AND code.expires_at > $3
        WHERE mate.squad = $1 AND mate.member_id = $2 ORDER BY code.made_at DESC, code.id
        """,
        squad_id,
        by,
        clock.now(),
    )
    if not rows:
        raise SquadNotFound
    return [
        Code(id=row["id"], made_at=row["made_at"], expires_at=row["expires_at"])
        for row in rows
        if row["id"] is not None
    ]


async def revoke_code(squad_id: UUID, by: UUID, code_id: UUID) -> None:
    """Let a code lead nowhere any more."""
    async with unit_of_work():
        await service.hold_as_mate(squad_id, by)
        gone = await fetchval(
            "DELETE FROM squad_code WHERE id = $1 AND squad = $2 RETURNING id", code_id, squad_id
        )
        if gone is None:
            raise SquadCodeNotFound


async def led_by(secret: str) -> UUID:
    """The squad that a code leads to."""
    squad_id: UUID | None = await fetchval(
        "SELECT squad FROM squad_code WHERE digest = $1 AND expires_at > $2",
        _digest(secret),
        clock.now(),
    )
    if squad_id is None:
        raise SquadCodeInvalid
    return squad_id


async def join_by_code(secret: str, member_id: UUID, *, appears: bool) -> UUID:
    """Join the squad that a code leads to."""
    async with unit_of_work():
        await service.hold_newcomer(member_id)
        squad_id = await led_by(secret)
        held = await service.hold(squad_id)
        # It may have been revoked while the squad was waited for.
        await led_by(secret)
        await service.enter(held, member_id, appears=appears)
    return squad_id


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
