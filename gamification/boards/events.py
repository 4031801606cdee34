"""What is said on a board's channel as its places change."""

from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from notifications.announcements.events import Event

Slug = Annotated[str, Meta(max_length=80, examples=["month"])]
Period = Annotated[
    str, Meta(max_length=20, description="As on the board's page.", examples=["2026-11"])
]


class PlaceLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the board from now on."""

    index: Annotated[int, Meta(ge=0, description="Which line, from 0 on.")]
    place: Annotated[int, Meta(ge=1)]
    name: Annotated[str, Meta(max_length=60, examples=["Luciole"])]
    points: int


class PlacesChanged(Event, frozen=True, kw_only=True):
    """The first lines of the board, as far as everybody may see them, changed.

    Replace the lines whose `index` is given, and leave out what comes from `listed` on: whoever
    is listed after that is told on the page only, which may show each reader something else.
    When `period` isn't the one on the screen, a new one has begun, and all its lines are given.
    Not more often than three times a second.
    """

    type: ClassVar[str] = "places_changed"
    channels: ClassVar[tuple[str, ...]] = ("board",)
    example: ClassVar[dict[str, Any]] = {
        "board": "month",
        "period": "2026-11",
        "listed": 20,
        "lines": [{"index": 0, "place": 1, "name": "Luciole", "points": 125}],
    }

    board: Slug
    period: Period
    listed: Annotated[int, Meta(ge=0, le=100, description="How many lines there are.")]
    lines: list[PlaceLine]


class BoardMoved(Event, frozen=True, kw_only=True):
    """What sites may show of the board changed: read it again. For pages with a `pk_` key."""

    type: ClassVar[str] = "board_moved"
    channels: ClassVar[tuple[str, ...]] = ("board",)
    example: ClassVar[dict[str, Any]] = {"board": "month", "period": "2026-11"}

    board: Slug
    period: Period
