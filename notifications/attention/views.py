"""What is said of the programme's ceiling over HTTP."""

from typing import Annotated

import msgspec
from msgspec import Meta

from notifications.attention.budget import Ceiling


class CeilingView(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often members may be asked for something, through whatever channel, within some days."""

    asks: Annotated[int, Meta(ge=0, le=20, description="At most so many times.")]
    days: Annotated[int, Meta(ge=1, le=90, description="In any so many days in a row.")]

    @classmethod
    def of(cls, ceiling: Ceiling) -> "CeilingView":
        return cls(asks=ceiling.asks, days=ceiling.days)
