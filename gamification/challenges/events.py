"""What is said on a challenge's channel, and to who takes part in one."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from msgspec import Meta

from gamification.catalogue.definitions import Words
from notifications.announcements.events import Event

_ID = "8f0e1c5a-0c8e-4a53-9a0b-1f4f3c1d2e77"

Done = Annotated[int, Meta(ge=0, description="What counts so far.")]
Helpers = Annotated[int, Meta(ge=0, description="How many helped.")]
Stage = Literal["scheduled", "running", "paused", "reached", "ended", "cancelled"]


class ChallengeProgressed(Event, frozen=True, kw_only=True):
    """How far a challenge has come, as it is now; of squads, all together."""

    type: ClassVar[str] = "challenge_progressed"
    channels: ClassVar[tuple[str, ...]] = ("challenge",)
    example: ClassVar = {"challenge_id": _ID, "done": 312, "goal": 500, "helpers": 41}

    challenge_id: UUID
    done: Done
    goal: Annotated[int, Meta(ge=1)]
    helpers: Helpers


class ChallengeMilestoneReached(Event, frozen=True, kw_only=True):
    """A part of the goal is reached. It stays reached. `team` is a squad's, or nobody's."""

    type: ClassVar[str] = "challenge_milestone_reached"
    channels: ClassVar[tuple[str, ...]] = ("challenge", "member")
    example: ClassVar = {
        "challenge_id": _ID,
        "team": None,
        "percent": 50,
        "stretch": False,
        "reached_at": "2026-11-22T10:00:00Z",
    }

    challenge_id: UUID
    team: UUID | None = None
    percent: Annotated[int, Meta(ge=1)]
    stretch: bool = False
    reached_at: datetime


class ChallengeCompleted(Event, frozen=True, kw_only=True):
    """The goal is reached, together. What it unlocks is on its way to everyone who helped."""

    type: ClassVar[str] = "challenge_completed"
    channels: ClassVar[tuple[str, ...]] = ("challenge", "member")
    example: ClassVar = {
        "challenge_id": _ID,
        "team": None,
        "reached_at": "2026-11-22T10:00:00Z",
        "runs_on": True,
    }

    challenge_id: UUID
    team: UUID | None = None
    reached_at: datetime
    runs_on: Annotated[bool, Meta(description="Whether it goes on to a stretch goal.")] = False


class ChallengeChanged(Event, frozen=True, kw_only=True):
    """It was published, started, paused, extended, cancelled or is over, with a word if any."""

    type: ClassVar[str] = "challenge_changed"
    channels: ClassVar[tuple[str, ...]] = ("challenge",)
    example: ClassVar = {
        "challenge_id": _ID,
        "state": "running",
        "starts_at": "2026-11-01T00:00:00Z",
        "ends_at": "2026-11-30T23:00:00Z",
        "revision": 4,
        "word": {"fr": "Une semaine de plus !", "en": "One more week!"},
    }

    challenge_id: UUID
    state: Stage
    starts_at: datetime
    ends_at: datetime
    revision: int
    word: Words | None = None


class SeasonCelebrated(Event, frozen=True, kw_only=True):
    """A season is over in which the member took part in challenges: what was reached together."""

    type: ClassVar[str] = "season_celebrated"
    channels: ClassVar[tuple[str, ...]] = ("member",)
    example: ClassVar = {"season": "autumn-2026", "challenges": 3, "reached": 2}

    season: Annotated[str, Meta(max_length=80, examples=["autumn-2026"])]
    challenges: Annotated[int, Meta(ge=1, description="How many they took part in.")]
    reached: Annotated[int, Meta(ge=0, description="How many of these were reached.")]
