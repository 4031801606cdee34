"""What members are told on their own channel when something about their recognition changed."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from notifications.announcements.events import Event

Slug = Annotated[str, Meta(max_length=80, examples=["companion"])]
Subject = Annotated[str, Meta(max_length=200, examples=["post:42"])]


class StreakNow(msgspec.Struct, frozen=True, kw_only=True):
    """A streak. It goes on while today, where the member is, isn't after `lasts_through`."""

    length: Annotated[int, Meta(ge=0)]
    best: Annotated[int, Meta(ge=0)]
    lasts_through: date | None


class StreaksNow(msgspec.Struct, frozen=True, kw_only=True):
    """Streaks of days, weeks and months."""

    day: StreakNow
    week: StreakNow
    month: StreakNow


class TierNow(msgspec.Struct, frozen=True, kw_only=True):
    """The highest tier that the member is in."""

    slug: Slug
    reached_at: datetime
    lapses_at: datetime | None = None


class BadgeHeld(msgspec.Struct, frozen=True, kw_only=True):
    """A badge that is held now. With `is_new` false it only moved in time."""

    slug: Slug
    subject: Subject
    season: Slug
    awarded_at: datetime
    is_new: bool


class BadgeGone(msgspec.Struct, frozen=True, kw_only=True):
    """A badge that isn't held any more."""

    slug: Slug
    subject: Subject
    season: Slug


class StandingChanged(Event, frozen=True, kw_only=True):
    """Your recognition changed: where you stand now, and the badges that came or went.

    All of it happened at once, in one transaction. Everything but `gained`, `held` and `gone`
    replaces what `/v1/me/standing` said; `held` and `gone` are lines of `/v1/me/badges`, each
    known by its slug, subject and season. Names, and what is missing for the next tier, are read
    there.
    """

    type: ClassVar[str] = "standing_changed"
    channels: ClassVar[tuple[str, ...]] = ("member",)
    example: ClassVar[dict[str, Any]] = {
        "points": 125,
        "gained": 5,
        "badges": 4,
        "tier": {"slug": "companion", "reached_at": "2026-11-21T19:13:00Z", "lapses_at": None},
        "streaks": {
            "day": {"length": 3, "best": 12, "lasts_through": "2026-11-23"},
            "week": {"length": 9, "best": 9, "lasts_through": "2026-12-06"},
            "month": {"length": 4, "best": 4, "lasts_through": "2027-01-31"},
        },
        "last_active_on": "2026-11-21",
        "seasons": {"autumn-2026": 80},
        "held": [
            {
                "slug": "first-steps",
                "subject": "",
                "season": "",
                "awarded_at": "2026-11-21T19:13:00Z",
                "is_new": True,
            }
        ],
        "gone": [],
    }

    points: int
    gained: Annotated[int, Meta(description="How many came, or went, just now.")]
    badges: Annotated[int, Meta(ge=0, description="How many badges are held.")]
    tier: TierNow | None
    streaks: StreaksNow
    last_active_on: date | None
    seasons: Annotated[
        dict[str, int], Meta(description="Points in the seasons that run, by their slugs.")
    ]
    held: list[BadgeHeld]
    gone: list[BadgeGone]
