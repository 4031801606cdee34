"""Who people are, for staff: an id and a name, whatever they show to others."""

from collections.abc import Collection
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ground.engine import fetch


class PersonView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody. Who left or was only imported has no name."""

    id: UUID
    name: Annotated[str, Meta(max_length=60, examples=["Camille Durand"])]


Names = dict[UUID, PersonView]


async def names_of(member_ids: Collection[UUID | None]) -> Names:
    """The people by their ids. One of whom nothing is known has no name either."""
    wanted = {each for each in member_ids if each is not None}
    rows = await fetch("SELECT id, display_name FROM member WHERE id = ANY($1)", list(wanted))
    unnamed = {each: PersonView(id=each, name="") for each in wanted}
    return unnamed | {row["id"]: PersonView(id=row["id"], name=row["display_name"]) for row in rows}
