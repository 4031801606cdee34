"""The people of these tests, and how they come."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from community.members import service
from community.members.person import Person
from community.members.views import Joining
from ground.languages import Language

JOINING = {
    "display_name": "Alice Martin",
    "locale": "fr",
    "time_zone": "Europe/Paris",
    "charter_version": 1,
    "old_enough": True,
}


@dataclass(frozen=True)
class Someone:
    """A member, and the headers that their sign-in gives."""

    id: UUID
    uid: str
    headers: dict[str, str]


def joining(**changes: Any) -> dict[str, Any]:
    """The body of a joining, with changes."""
    return JOINING | changes


async def joined(uid: str, name: str, address: str | None = None) -> UUID:
    """Let somebody join, and return their id."""
    found = await service.join(
        Person(uid, address),
        Joining(
            display_name=name,
            locale=Language.FRENCH,
            time_zone="Europe/Paris",
            charter_version=1,
            old_enough=True,
        ),
    )
    return found.member_id
