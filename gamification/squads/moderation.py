"""What moderators do about squads."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from gamification.by_hand.reason import Reason
from gamification.by_hand.told import in_words
from gamification.challenges import taking_part
from gamification.ledger import intake
from gamification.squads import asking, service
from ground import audit, clock
from ground.callers import Caller
from ground.engine import execute
from ground.unit_of_work import retried, unit_of_work
from notifications.notify import notify_many, telling

_FORGET: Final = (
    "DELETE FROM squad_member WHERE squad = $1",
    "DELETE FROM squad_invitation WHERE squad = $1",
    "DELETE FROM squad_code WHERE squad = $1",
)
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
    """End a squad. Nobody is in it any more, what they did stays theirs, and they read why."""

    async def dissolved() -> None:
        async with unit_of_work():
            await intake.catalogue_revision()
            await intake.hold_players(await service.mates_of(squad_id))
            held = await service.hold(squad_id)
            mates = await service.mates_of(squad_id)
            for statement in _FORGET:
                await execute(statement, squad_id)
            await execute(_DISSOLVE, squad_id, clock.now(), reason.stored())
            for member_id in sorted(mates):
                await taking_part.leave_team(squad_id, member_id)
            await _tell(squad_id, mates, reason)
            await audit.record(
                by,
                "squads.dissolved",
                subject=f"squad:{squad_id}",
                details={"members": held.members},
            )

    # Somebody may have joined while it was waited for, and is held after it then.
    await retried(dissolved)


async def _tell(squad_id: UUID, mates: Collection[UUID], reason: Reason) -> None:
    await asking.ask_no_more(squad_id)
    await notify_many(
        [telling(each, "squad.dissolved", reason=in_words(reason)) for each in sorted(mates)]
    )
