"""What goes out to public sites: nothing by which a member could be found again."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from gamification.challenges.reading import Reached
from ground.languages import Language

Stage = Literal["scheduled", "running", "paused", "reached", "ended", "cancelled"]


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


class PublicMilestone(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the goal. Once reached, it stays reached."""

    percent: int
    is_reached: bool


class PublicProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far everybody has come together."""

    done: int
    percent: Annotated[int, Meta(description="Of the goal, rounded down; it may pass 100.")]
    helpers: Annotated[int, Meta(description="How many helped, whether they appear or not.")]
    milestones: list[PublicMilestone]

    @classmethod
    def of(cls, reached: Reached, goal: int, milestones: tuple[int, ...]) -> "PublicProgress":
        known = {percent for percent, _ in reached.milestones}
        return cls(
            done=reached.done,
            percent=reached.done * 100 // goal,
            helpers=reached.helpers,
            milestones=[
                PublicMilestone(
                    percent=percent,
                    is_reached=percent in known or reached.done * 100 >= percent * goal,
                )
                for percent in milestones
            ],
        )


class PublicChallenge(msgspec.Struct, frozen=True, kw_only=True):
    """A challenge, as any page may show it."""

    challenge: UUID
    title: Annotated[str, Meta(max_length=500, examples=["Mille merveilles"])]
    description: Annotated[
        str, Meta(max_length=2_000, examples=["Mille avis d’ici la fin du mois, ensemble."])
    ]
    language: Language
    state: Stage
    starts_at: datetime
    ends_at: datetime
    goal: int
    progress: Annotated[
        PublicProgress | None,
        Meta(description="Null where squads or members reach it each for themselves."),
    ]
    thanks: Annotated[
        list[Annotated[str, Meta(max_length=60, examples=["Luciole"])]],
        Meta(
            description="Some of those who helped and chose to appear on public sites, as plain "
            "text and in no order that ranks them."
        ),
    ]
