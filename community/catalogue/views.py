"""Who a publication would change something for."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from community.members.tables import MemberState
from gamification.rules.progress import Need


class ForeseenView(msgspec.Struct, frozen=True, kw_only=True):
    """A member for whom a publication would change something, and why."""

    member: UUID
    display_name: Annotated[
        str, Meta(max_length=60, description="Empty for who left.", examples=["Camille Durand"])
    ]
    state: MemberState
    subject: Annotated[
        str, Meta(max_length=200, description="What it is about, if so.", examples=["product:12"])
    ]
    held_since: datetime | None
    would_hold_since: datetime | None
    activities: Annotated[
        list[Annotated[str, Meta(examples=["4711"])]],
        Meta(description="The activities that would earn it, the latest of very many."),
    ]
    asks_for: Annotated[
        Need | None, Meta(description="What it would ask for, and how much of it is there.")
    ]
    missing: Annotated[list[Need], Meta(description="What speaks against it.")]
