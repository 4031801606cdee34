"""Boards as members read them."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gamification.catalogue.definitions import BoardDefinition
from ground.languages import Language

Slug = Annotated[str, Meta(max_length=80, description="Stable.", examples=["month"])]


SeasonSlug = Annotated[str, Meta(max_length=80, examples=["autumn-2026"])]


class BoardView(msgspec.Struct, frozen=True, kw_only=True):
    """A board, and what it is about."""

    slug: Slug
    name: Annotated[str, Meta(max_length=500, examples=["Ce mois-ci"])]
    description: Annotated[
        str,
        Meta(max_length=500, examples=["Un nouveau départ pour tout le monde, chaque mois."]),
    ]
    period: Annotated[
        Literal["all_time", "month", "week", "season"],
        Meta(description="How often it begins anew. Any board can be read for all time as well."),
    ]
    season: Annotated[
        SeasonSlug | None,
        Meta(description="The season that it is about; null for whichever one runs."),
    ] = None
    population: Annotated[
        Literal["customer", "employee", "partner"] | None,
        Meta(description="Who is on it; null for the whole community."),
    ] = None

    @classmethod
    def of(cls, board: BoardDefinition, language: Language) -> "BoardView":
        return cls(
            slug=board.slug,
            name=board.name.in_locale(language),
            description=board.description.in_locale(language),
            period=board.period,
            season=board.season,
            population=board.population,
        )


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who chose to appear."""

    place: Annotated[int, Meta(description="1 + how many have more points. Ties share it.")]
    name: Annotated[
        str,
        Meta(
            max_length=60,
            description="What they chose to be called: plain text.",
            examples=["Luciole"],
        ),
    ]
    points: int
    is_me: bool


class OwnPlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """Where you are. Nobody else is told."""

    place: int
    points: int


class BoardPage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a board."""

    board: Slug
    period: Annotated[
        str,
        Meta(
            max_length=20,
            description="The period that was read: `all_time`, a month, an ISO week, or the"
            " mark of a season, whose slug is in `season`.",
            examples=["2026-11"],
        ),
    ]
    season: Annotated[SeasonSlug | None, Meta(description="The season that was read.")]
    is_closed: Annotated[
        bool, Meta(description="Whether the period is over and its points stay as they are.")
    ]
    items: list[LineView]
    next_cursor: Annotated[str | None, Meta(examples=["WyJjMjk1IiwyNSwiZjQ0Il0"])] = None
    me: Annotated[
        OwnPlaceView | None,
        Meta(description="Your place, also while you are hidden; null without points."),
    ] = None
    note: (
        Annotated[
            str,
            Meta(
                max_length=200,
                description="A word about your place, to be shown to you.",
                examples=["Votre place n’est visible que de vous."],
            ),
        ]
        | None
    ) = None
