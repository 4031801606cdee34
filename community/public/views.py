"""What goes out to public sites: nothing by which a member could be found again."""

from typing import Annotated

import msgspec
from msgspec import Meta

from ground.languages import Language


class PublicLine(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who chose to appear on public sites."""

    place: Annotated[
        int, Meta(description="1 + how many of those who appear here have more points.")
    ]
    name: Annotated[
        str,
        Meta(
            max_length=60,
            description="What they chose to be called: plain text, never HTML.",
            examples=["Luciole"],
        ),
    ]
    points: int


class PublicBoard(msgspec.Struct, frozen=True, kw_only=True):
    """A board, as any page may show it."""

    board: Annotated[str, Meta(max_length=80, description="Its slug.", examples=["month"])]
    name: Annotated[str, Meta(max_length=500, examples=["Ce mois-ci"])]
    description: Annotated[
        str,
        Meta(max_length=500, examples=["Un nouveau départ pour tout le monde, chaque mois."]),
    ]
    language: Language
    period: Annotated[
        str,
        Meta(
            max_length=20,
            description="`all_time`, a month, an ISO week, or the mark of a season.",
            examples=["2026-11"],
        ),
    ]
    season: Annotated[
        Annotated[str, Meta(max_length=80, examples=["autumn-2026"])] | None,
        Meta(description="The slug of the season that it is about."),
    ]
    is_closed: Annotated[
        bool, Meta(description="Whether the period is over and its points stay as they are.")
    ]
    items: list[PublicLine]
