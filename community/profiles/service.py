"""How members are shown to each other: the one place that joins names to ids."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

import msgspec

from community.members.errors import MemberNotFound
from gamification.players.tables import Visibility
from ground.engine import fetch

SHOWN: Final = """
SELECT member.id, player.visibility,
       CASE player.visibility WHEN 'name' THEN member.display_name ELSE member.pseudonym END AS name
FROM member JOIN player ON player.member_id = member.id
WHERE member.id = ANY($1) AND member.state = 'active' AND player.visibility <> 'hidden'
  AND (player.public_visibility OR NOT $2)
"""

# The same of `b.member_id`, for statements about boards.
NAME_OF_THE_LISTED: Final = """(
    SELECT CASE player.visibility WHEN 'name' THEN member.display_name ELSE member.pseudonym END
    FROM member JOIN player ON player.member_id = member.id
    WHERE member.id = b.member_id AND member.state = 'active' AND player.visibility <> 'hidden'
) AS shown"""

AMONG_MATES: Final = """
SELECT member.id, player.visibility = 'hidden' AS is_hidden,
       CASE player.visibility WHEN 'name' THEN member.display_name
            ELSE coalesce(member.pseudonym, member.display_name) END AS name
FROM member JOIN player ON player.member_id = member.id
WHERE member.id = ANY($1) AND member.state = 'active'
"""


class ShownName(msgspec.Struct, frozen=True, kw_only=True):
    """What a member chose to be called by others."""

    member_id: UUID
    name: str
    shown_as: Visibility


class AmongMates(msgspec.Struct, frozen=True, kw_only=True):
    """What a member is called in a squad. Who is hidden is shown only where they said so."""

    name: str
    is_hidden: bool


async def shown_names(
    member_ids: Collection[UUID], *, on_public_sites: bool = False
) -> dict[UUID, ShownName]:
    """The names of those who chose to be seen, there. Who is hidden or gone is absent."""
    rows = await fetch(SHOWN, list(member_ids), on_public_sites)
    return {
        row["id"]: ShownName(
            member_id=row["id"], name=row["name"], shown_as=Visibility(row["visibility"])
        )
        for row in rows
    }


async def names_to_tell(member_ids: Collection[UUID]) -> dict[UUID, str]:
    """The same, as messages say them."""
    return {member_id: shown.name for member_id, shown in (await shown_names(member_ids)).items()}


async def shown(member_id: UUID) -> ShownName:
    """One member, if they chose to be seen."""
    names = await shown_names([member_id])
    if member_id not in names:
        raise MemberNotFound
    return names[member_id]


async def names_among_mates(member_ids: Collection[UUID]) -> dict[UUID, AmongMates]:
    """What these members are called in a squad, a pseudonym first. Ask whether it may be shown."""
    rows = await fetch(AMONG_MATES, list(member_ids)) if member_ids else []
    return {row["id"]: AmongMates(name=row["name"], is_hidden=row["is_hidden"]) for row in rows}
