"""What a digest says, before it is put into a language."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from notifications.attention.plan import Wishes
from notifications.digests.plan import Often
from notifications.wording.category import ByLanguage

MOST_ITEMS: Final = 5


class Part(StrEnum):
    """Whom it concerns, and when."""

    TOGETHER = "together"
    MINE = "mine"
    COMING = "coming"


class What(StrEnum):
    """What is said of a thing."""

    REACHED = "reached"
    BEYOND = "beyond"
    MILESTONE = "milestone"
    BEGINS = "begins"
    ENDS = "ends"


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A thing that happened or will. `day` is when, where it matters."""

    what: What
    name: ByLanguage
    link: str
    percent: int = 0
    at: datetime | None = None


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a digest says: things, and the member's own messages by id."""

    together: tuple[Item, ...] = ()
    messages: tuple[int, ...] = ()
    more_messages: int = 0
    coming: tuple[Item, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.together or self.messages or self.coming)


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """A member whose digest is due: from when on it looks back, and until when ahead."""

    member_id: UUID
    often: Often
    wishes: Wishes
    period: str
    since: datetime
    now: datetime
    ahead_to: datetime
    by_mail: bool
