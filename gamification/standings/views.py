"""Where a member stands, as they see it."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from gamification.holds.line import Stands
from gamification.rules.progress import Need

Slug = Annotated[str, Meta(max_length=80, examples=["companion"])]
Name = Annotated[str, Meta(max_length=500, examples=["Compagnon de route"])]


class TierReached(msgspec.Struct, frozen=True, kw_only=True):
    """The tier you are in.

    With `lapses_at`, something that led to it was taken back, and it stays until then.
    """

    slug: Slug
    name: Name
    description: Annotated[str, Meta(max_length=500, examples=["You know the way."])]
    image_url: Annotated[str, Meta(max_length=300, examples=["/static/badges/tree.svg"])] | None
    reached_at: datetime
    lapses_at: datetime | None = None


class NextTier(msgspec.Struct, frozen=True, kw_only=True):
    """The tier after yours, all that it asks for, and what of it is still missing."""

    slug: Slug
    name: Name
    asks_for: Need
    missing: list[Need]


class StreakView(msgspec.Struct, frozen=True, kw_only=True):
    """Active periods in a row. One rest in any seven is bridged; the best one stays."""

    current: int
    best: int


class Streaks(msgspec.Struct, frozen=True, kw_only=True):
    """Streaks of days, weeks and months."""

    day: StreakView
    week: StreakView
    month: StreakView


class SeasonStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A season that runs, and your points in it."""

    slug: Annotated[str, Meta(max_length=80, examples=["autumn-2026"])]
    name: Annotated[str, Meta(max_length=500, examples=["Automne 2026"])]
    points: int
    ends_on: Annotated[date, Meta(description="Its last day.")]


class StandingView(msgspec.Struct, frozen=True, kw_only=True):
    """Where you stand. Nothing of it fades because you rest."""

    points: int
    tier: TierReached | None
    next_tier: NextTier | None
    streaks: Streaks
    seasons: Annotated[
        list[SeasonStanding],
        Meta(description="The seasons that run, the one that began last first."),
    ]
    last_active_on: date | None
    badges: Annotated[int, Meta(description="How many badges you hold.")]


class ActivityView(msgspec.Struct, frozen=True, kw_only=True):
    """A line of your ledger."""

    id: Annotated[str, Meta(max_length=20, examples=["4711"])]
    kind: Slug
    name: Name
    subject: Annotated[str, Meta(max_length=200, examples=["post:42"])]
    quantity: int
    occurred_at: datetime
    day_only: Annotated[
        bool, Meta(description="Whether only the day is known, at whose end it counts.")
    ]
    points: int
    reason: (
        Annotated[
            str,
            Meta(
                max_length=200,
                description="Why it brought fewer points than usual, or was taken back.",
                examples=["daily_cap"],
            ),
        ]
        | None
    )
    reverses: (
        Annotated[
            str,
            Meta(
                max_length=20,
                description="The activity that this line takes back.",
                examples=["4711"],
            ),
        ]
        | None
    )
    recorded_at: datetime
    stands: Annotated[
        Stands, Meta(description="`held`: the team looks at it, and meanwhile it doesn't count.")
    ]
    told: (
        Annotated[
            str,
            Meta(
                max_length=500,
                description="What the team says about it, where it did something by hand.",
                examples=["Merci pour votre aide à la fête du 12."],
            ),
        ]
        | None
    )
    says: (
        Annotated[
            str,
            Meta(
                max_length=300,
                description="What it means that the team looks at it, or took it back.",
                examples=["The team is having a closer look at this activity."],
            ),
        ]
        | None
    )
