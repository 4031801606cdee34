"""What a member's own channel says of their inbox."""

from typing import Any, ClassVar

from notifications.announcements.events import Event


class InboxChanged(Event, frozen=True, kw_only=True):
    """Something came into your inbox, or was read elsewhere: this many are unread now."""

    type: ClassVar[str] = "inbox"
    channels: ClassVar[tuple[str, ...]] = ("member",)
    example: ClassVar[dict[str, Any]] = {"unread": 3}

    unread: int
