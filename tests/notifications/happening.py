"""An event for tests."""

from typing import Any, ClassVar

from notifications.announcements.events import Event


class Happened(Event, frozen=True):
    """Something happened in a test."""

    type: ClassVar[str] = "happened"
    channels: ClassVar[tuple[str, ...]] = ("board",)
    example: ClassVar[dict[str, Any]] = {"n": 1}

    n: int
