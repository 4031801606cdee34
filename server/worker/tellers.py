"""Who tells what moves often: composed here, where everybody is known."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from community.profiles.service import shown_names
from gamification.boards import teller as boards
from gamification.challenges import telling as challenges
from notifications.announcements.ticker import Teller


async def names(member_ids: Collection[UUID], *, on_public_sites: bool) -> dict[UUID, str]:
    """What members chose to be called, of those who appear there."""
    if not member_ids:
        return {}
    shown = await shown_names(member_ids, on_public_sites=on_public_sites)
    return {member_id: each.name for member_id, each in shown.items()}


TELLERS: Final[list[Teller]] = [*boards.tellers(names), challenges.TELLER]
