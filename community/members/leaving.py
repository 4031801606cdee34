"""Leave: at once, for no reason, and without consequence."""

from uuid import UUID

import structlog

from community.members.addresses import uid_digest
from community.members.errors import NotAMemberAnyMore
from community.members.person import Person
from community.members.receipt import ReceiptView, receipt
from gamification.players import service as players
from ground import audit, clock
from ground.callers import Caller, CallerKind
from ground.engine import execute, fetchrow, fetchval
from ground.languages import Language
from ground.roles import Role
from ground.unit_of_work import after_commit, unit_of_work
from notifications import forgetting
from notifications.announcements.cuts import cut
from notifications.devices import service as devices

log = structlog.get_logger(__name__)


async def leave(person: Person, member_id: UUID, *, keep: bool, language: Language) -> ReceiptView:
    """Forget who the member was. Their acceptances and the ledger stay, and name nobody.

    With `keep`, a digest of the sign-in stays too, so that they can come back to what they
    earned. Nobody is held back, not even the last admin: the command line makes another.
    """
    async with unit_of_work():
        row = await fetchrow(
            "SELECT role FROM member WHERE id = $1 AND state = 'active' FOR UPDATE", member_id
        )
        if row is None:
            raise NotAMemberAnyMore
        earned = await receipt(member_id, language)
        await execute(
            """
            UPDATE member SET state = 'left', left_at = $2, return_digest = $3, uid = NULL,
                display_name = '', pseudonym = NULL, role = 'ambassador'
            WHERE id = $1
            """,
            member_id,
            clock.now(),
            uid_digest(person.uid) if keep else None,
        )
        # The sign-ins of accounts that were merged into this one lead nowhere either.
        await execute("UPDATE member SET uid = NULL WHERE merged_into = $1", member_id)
        await players.let_go(member_id)
        await forgetting.forget(member_id)
        await devices.forget_all(member_id)
        await cut(member_id, "left")
        if row["role"] != Role.AMBASSADOR:
            await _note_that_staff_left(member_id, Role(row["role"]))
    return earned


async def _note_that_staff_left(member_id: UUID, role: Role) -> None:
    themselves = Caller(kind=CallerKind.MEMBER, member_id=member_id, role=role)
    await audit.record(
        themselves,
        "members.role_changed",
        subject=f"member:{member_id}",
        details={"before": role, "after": Role.AMBASSADOR},
    )
    admins = await fetchval("SELECT count(*) FROM member WHERE role = 'admin'")
    if not admins:
        after_commit(_warn_that_nobody_is_admin)


async def _warn_that_nobody_is_admin() -> None:
    log.warning("nobody_is_admin", advice="ambassade staff add WHO")
