"""What moderators do about squads."""

from typing import Final
from uuid import UUID

from gamification.by_hand.reason import Reason
from gamification.squads import service
from ground import audit, clock
from ground.callers import Caller
from ground.engine import execute
from ground.unit_of_work import unit_of_work

_DISSOLVE: Final = """
UPDATE squad SET dissolved_at = $2, dissolved_because = $3, members = 0, is_open = false
WHERE id = $1
"""


async def rename(squad_id: UUID, name: str, reason: Reason, *, by: Caller) -> None:
    """Give a squad another name, which is checked already. Its members read why."""
    async with unit_of_work():
        await service.hold(squad_id)
        await execute(
            "UPDATE squad SET name = $2, renamed_because = $3 WHERE id = $1",
            squad_id,
            name,
            reason.stored(),
        )
        # No name in the trail: members wrote it.
        await audit.record(by, "squads.renamed", subject=f"squad:{squad_id}")


async def dissolve(squad_id: UUID, reason: Reason, *, by: Caller) -> None:
    """End a squad. Nobody is in it any more, and what they did stays theirs."""
    async with unit_of_work():
        held = await service.hold(squad_id)
        for statement in (
            "DELETE FROM squad_member WHERE squad = $1",
            "DELETE FROM squad_invitation WHERE squad = $1",
            "DELETE FROM squad_code WHERE squad = $1",
        ):
            await execute(statement, squad_id)
        await execute(_DISSOLVE, squad_id, clock.now(), reason.stored())
        await audit.record(
            by,
            "squads.dissolved",
            subject=f"squad:{squad_id}",
            details={"members": held.members},
        )
