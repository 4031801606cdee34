"""Make two members one: the survivor has everything, and the other leads to them."""

from uuid import UUID

from community.members.errors import MemberNotFound, NotMergeable
from community.members.tables import MemberState
from gamification.players import service as players
from ground import audit
from ground.callers import Caller
from ground.engine import execute, fetch
from ground.unit_of_work import unit_of_work
from notifications import forgetting
from notifications.announcements.cuts import cut
from notifications.devices import service as devices


async def merge(gone: UUID, survivor: UUID, *, by: Caller) -> None:
    """Move everything to the survivor. Their name, role and choices stay as they are.

    The row that is gone keeps its sign-in, which leads to the survivor from now on.
    """
    async with unit_of_work():
        await _refuse_unless_mergeable(gone, survivor)
        await players.merge(gone, survivor)
        await forgetting.forget(gone)
        await devices.move(gone, survivor)
        await cut(gone, "merged")
        await execute("UPDATE external_identity SET member = $2 WHERE member = $1", gone, survivor)
        # Whoever was merged before leads to the last survivor, so that one step is enough.
        await execute("UPDATE member SET merged_into = $2 WHERE merged_into = $1", gone, survivor)
        await execute(
            """
            UPDATE member SET state = 'merged', merged_into = $2, role = 'ambassador',
                display_name = '', pseudonym = NULL, address_digest = NULL
            WHERE id = $1
            """,
            gone,
            survivor,
        )
        await audit.record(
            by, "members.merged", subject=f"member:{gone}", details={"into": str(survivor)}
        )


async def _refuse_unless_mergeable(gone: UUID, survivor: UUID) -> None:
    rows = await fetch(
        "SELECT id, state FROM member WHERE id = ANY($1) ORDER BY id FOR UPDATE", [gone, survivor]
    )
    states = {row["id"]: MemberState(row["state"]) for row in rows}
    present = {MemberState.ACTIVE, MemberState.UNCLAIMED}
    if gone not in states:
        raise MemberNotFound
    if gone == survivor or states[gone] not in present:
        raise NotMergeable
    if states.get(survivor) is not MemberState.ACTIVE:
        raise NotMergeable
