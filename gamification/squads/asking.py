"""Tells who is invited to a squad, and takes that back where there is nothing left to answer."""

from typing import Final
from uuid import UUID

from notifications.notify import notify, take_back

INVITED: Final = "squad.invited"


async def ask(squad_id: UUID, member_id: UUID, by: UUID) -> None:
    """Ask a member, when it is a moment to ask them anything."""
    await notify(member_id, INVITED, by=by, squad=str(squad_id))


async def ask_no_more(squad_id: UUID, member_id: UUID | None = None) -> None:
    """Take back what waits to be asked: of a member who answered, or of everybody."""
    await take_back(INVITED, {"squad": str(squad_id)}, member_id)
