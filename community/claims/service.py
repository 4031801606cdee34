"""Prove who one is elsewhere, and get what one did there."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from community.claims.errors import AlreadyClaimed, ClaimCodeInvalid
from community.keys.system import System
from community.members import staff
from community.members.addresses import address_digest
from community.members.errors import NotAMemberAnyMore
from community.members.merging import merge
from community.members.person import Person
from community.members.tables import MemberState
from ground import clock
from ground.callers import Caller, CallerKind
from ground.engine import execute, fetch, fetchrow, fetchval
from ground.unit_of_work import unit_of_work

LASTS: Final = timedelta(days=7)
SECRET_BYTES: Final = 24


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A code, told this once."""

    code: str
    expires_at: datetime


async def issue(system: System, external_id: str) -> Issued:
    """A code for one of a system's own people. It replaces the one before."""
    issued = Issued(code=secrets.token_urlsafe(SECRET_BYTES), expires_at=clock.now() + LASTS)
    await execute(
        """
        INSERT INTO claim_code (source, external_id, digest, issued_by, expires_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (source, external_id) DO UPDATE
        SET digest = excluded.digest, issued_by = excluded.issued_by,
            expires_at = excluded.expires_at
        """,
        system.source,
        external_id,
        _digest(issued.code),
        system.key_id,
        issued.expires_at,
    )
    return issued


async def by_code(member_id: UUID, code: str) -> None:
    """Become known to the source that issued the code. The code is used up."""
    async with unit_of_work():
        await _require_present(member_id)
        row = await fetchrow(
            """
            DELETE FROM claim_code WHERE digest = $1 AND expires_at > $2
            RETURNING source, external_id
            """,
            _digest(code),
            clock.now(),
        )
        if row is None:
            raise ClaimCodeInvalid
        await _link(member_id, row["source"], row["external_id"])


async def by_address(person: Person, member_id: UUID) -> None:
    """Get what was imported or kept ready for the address that the token proves."""
    async with unit_of_work():
        await _require_present(member_id)
        if person.address is not None:
            expected = await fetch(
                """
                SELECT id FROM member WHERE address_digest = $1 AND state = 'unclaimed'
                ORDER BY created_at, id FOR UPDATE
                """,
                address_digest(person.address),
            )
            for row in expected:
                await merge(row["id"], member_id, by=_themselves(member_id))
        await staff.take_up(person, member_id)


async def _link(member_id: UUID, source: str, external_id: str) -> None:
    """Let the source's name lead to the member, with all that was done under it."""
    await execute(
        """
        INSERT INTO external_identity (source, external_id, member, linked_at)
        VALUES ($1, $2, $3, $4) ON CONFLICT (source, external_id) DO NOTHING
        """,
        source,
        external_id,
        member_id,
        clock.now(),
    )
    [row] = await fetch(
        """
        SELECT identity.id, identity.member, member.state
        FROM external_identity AS identity JOIN member ON member.id = identity.member
        WHERE identity.source = $1 AND identity.external_id = $2 FOR UPDATE OF identity
        """,
        source,
        external_id,
    )
    if row["member"] == member_id:
        return
    match MemberState(row["state"]):
        case MemberState.UNCLAIMED:
            await merge(row["member"], member_id, by=_themselves(member_id))
        case MemberState.LEFT:
            # They left, came back without what they had, and prove again who they are.
            await execute(
                "UPDATE external_identity SET member = $2 WHERE id = $1", row["id"], member_id
            )
        case _:
            raise AlreadyClaimed


async def _require_present(member_id: UUID) -> None:
    """Hold the member's row, so that nobody claims and leaves at once."""
    found = await fetchval(
        "SELECT 1 FROM member WHERE id = $1 AND state = 'active' FOR NO KEY UPDATE", member_id
    )
    if found is None:
        raise NotAMemberAnyMore


def _themselves(member_id: UUID) -> Caller:
    return Caller(kind=CallerKind.MEMBER, member_id=member_id)


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
