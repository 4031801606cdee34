"""Who runs the programme: roles, given to members or kept ready for who hasn't joined."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from community.members.addresses import address_digest, is_address, normal_address
from community.members.errors import MemberNotFound
from community.members.person import Person
from gamification.players import service as players
from ground import audit, clock
from ground.callers import Caller, CallerKind
from ground.engine import execute, fetch, fetchrow, fetchval
from ground.roles import Role
from ground.unit_of_work import unit_of_work
from notifications.announcements.cuts import cut

# Long enough for a colleague to sign in, too short to be forgotten.
GRANT_LASTS: Final = timedelta(days=7)


class StaffMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member, and what they may do beside taking part."""

    member_id: UUID
    display_name: str
    role: Role


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A role that waits for somebody to sign in and join."""

    subject: str
    role: Role
    expires_at: datetime


async def grant(who: str, role: Role, *, by: Caller) -> StaffMember | Pending:
    """Give a role to a member, or keep it ready for who signs in with this uid or address."""
    async with unit_of_work():
        member_id = await _present(who)
        if member_id is not None:
            return await give(member_id, role, by=by)
        pending = Pending(subject=_subject(who), role=role, expires_at=clock.now() + GRANT_LASTS)
        await execute("DELETE FROM staff_grant WHERE expires_at <= $1", clock.now())
        await execute(
            """
            INSERT INTO staff_grant (subject, role, granted_at, expires_at)
            VALUES ($1, $2, $3, $4) ON CONFLICT (subject) DO UPDATE
            SET role = excluded.role, granted_at = excluded.granted_at,
                expires_at = excluded.expires_at
            """,
            pending.subject,
            role.value,
            clock.now(),
            pending.expires_at,
        )
        await audit.record(
            by, "staff.granted", subject=_unnamed(pending.subject), details={"role": role}
        )
    return pending


async def give(member_id: UUID, role: Role, *, by: Caller) -> StaffMember:
    """Set a member's role. Staff doesn't compete on boards."""
    async with unit_of_work():
        row = await fetchrow(
            """
            SELECT display_name, role FROM member
            WHERE id = $1 AND state = 'active' FOR NO KEY UPDATE
            """,
            member_id,
        )
        if row is None:
            raise MemberNotFound
        if row["role"] != role:
            await execute("UPDATE member SET role = $2 WHERE id = $1", member_id, role.value)
            await players.mark_staff(member_id, staff=role is not Role.AMBASSADOR)
            await cut(member_id, "role_changed")
            await audit.record(
                by,
                "members.role_changed",
                subject=f"member:{member_id}",
                details={"before": row["role"], "after": role},
            )
    return StaffMember(member_id=member_id, display_name=row["display_name"], role=role)


async def withdraw(who: str, *, by: Caller) -> StaffMember | None:
    """Take the role from a member, and what was kept ready. They stay a member."""
    async with unit_of_work():
        forgotten = await fetchval(
            "DELETE FROM staff_grant WHERE subject = $1 RETURNING role", _subject(who)
        )
        if forgotten is not None:
            await audit.record(
                by,
                "staff.grant_withdrawn",
                subject=_unnamed(_subject(who)),
                details={"role": forgotten},
            )
        member_id = await _present(who)
        if member_id is not None:
            return await give(member_id, Role.AMBASSADOR, by=by)
        if forgotten is None:
            raise MemberNotFound
    return None


async def take_up(person: Person, member_id: UUID) -> None:
    """Give a member the role that was kept ready for them, if any. It never takes one away."""
    subjects = [f"uid:{person.uid}"]
    if person.address is not None:
        subjects.append(f"address:{person.address}")
    rows = await fetch(
        "DELETE FROM staff_grant WHERE subject = ANY($1) RETURNING role, expires_at > $2 AS valid",
        subjects,
        clock.now(),
    )
    if not rows:
        return
    themselves = Caller(kind=CallerKind.MEMBER, member_id=member_id)
    role = Role(await fetchval("SELECT role FROM member WHERE id = $1", member_id))
    for granted in (Role(row["role"]) for row in rows if row["valid"]):
        if not role.reaches(granted):
            role = (await give(member_id, granted, by=themselves)).role


async def present() -> list[StaffMember]:
    """Everybody with a role, the most trusted first."""
    rows = await fetch(
        """
        SELECT id, display_name, role FROM member WHERE role <> 'ambassador'
        ORDER BY array_position(ARRAY['admin', 'manager', 'moderator'], role), display_name, id
        """
    )
    return [
        StaffMember(member_id=row["id"], display_name=row["display_name"], role=Role(row["role"]))
        for row in rows
    ]


async def pending() -> list[Pending]:
    """The roles that wait for somebody to join."""
    rows = await fetch(
        """
        SELECT subject, role, expires_at FROM staff_grant WHERE expires_at > $1 ORDER BY subject
        """,
        clock.now(),
    )
    return [
        Pending(subject=row["subject"], role=Role(row["role"]), expires_at=row["expires_at"])
        for row in rows
    ]


async def _present(who: str) -> UUID | None:
    """The member with this uid or id."""
    try:
        own_id = UUID(who)
    except ValueError:
        own_id = None
    member_id: UUID | None = await fetchval(
        """
        SELECT coalesce(merged_into, id) FROM member
        WHERE (uid = $1 OR id = $2) AND state IN ('active', 'merged')
        """,
        who,
        own_id,
    )
    return member_id


def _subject(who: str) -> str:
    return f"address:{normal_address(who)}" if is_address(who) else f"uid:{who}"


def _unnamed(subject: str) -> str:
    """The audit trail keeps no addresses."""
    kind, _, address = subject.partition(":")
    return f"address:{address_digest(address).hex()[:16]}" if kind == "address" else subject
