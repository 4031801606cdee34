"""What a member did, as it comes to the ledger, and what the ledger answers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

Fields = dict[str, str | int | bool]

# The field that names what a subject belongs to, such as the question of an answer.
PARENT: Final = "parent"

NO_FIELDS: Final[Fields] = {}


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """Something a member did, told once by its source under the source's own key.

    `occurred_at` is a moment, or a day when the source knows only the day: such an activity
    belongs to the end of that day. `quantity` may be negative, as a vote against is.
    """

    member_id: UUID
    kind: str
    source: str
    key: str
    occurred_at: datetime | date
    subject: str = ""
    quantity: int = 1
    fields: Fields = NO_FIELDS


class Status(StrEnum):
    """What became of an activity."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class Credited(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger's answer for one activity.

    `points` may be 0 for a recorded one, and `reason` then says why (`daily_cap`,
    `cool_down`); it still counts in criteria. `code` says why one was rejected.
    """

    status: Status
    code: str | None = None
    entry_id: int | None = None
    points: int = 0
    reason: str | None = None
    awards: tuple[str, ...] = ()
