"""A challenge as it is kept: when it counts, and where it stands. Pure."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from gamification.catalogue.definitions import Words
from gamification.challenges.tables import State, Team
from gamification.rules.criteria import Measured

# What comes in until then still counts, as on boards: phones are away for a weekend.
LATE_ARRIVALS: Final = timedelta(hours=48)
# What changes by somebody's word changes just after what was credited until then.
JUST_AFTER: Final = timedelta(microseconds=1)
# The team of a challenge that everybody reaches together.
EVERYBODY: Final = UUID(int=0)

COLUMNS: Final = """id, words, team, counts, stretch_goal, milestones, starts_at, ends_at, pauses,
    daily_cap, counts_since_start, shows_ranking, badge, season, segment, state, revision,
    published_at, reached_at, over_at, closed_at"""


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """What a challenge says of itself."""

    title: Words
    description: Words
    thanks: Words | None = None


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """A challenge, whatever became of it."""

    id: UUID
    texts: Texts
    team: Team
    counts: Measured
    stretch_goal: int | None
    milestones: tuple[int, ...]
    starts_at: datetime
    ends_at: datetime
    pauses: tuple[datetime, ...]
    daily_cap: int | None
    counts_since_start: bool
    shows_ranking: bool
    badge: str | None
    season: str | None
    segment: str | None
    state: State
    revision: int
    published_at: datetime | None
    reached_at: datetime | None
    over_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> "Challenge":
        values = {name: row[name] for name in cls.__struct_fields__ if name in row}
        return cls(
            **values
            | {
                "texts": msgspec.json.decode(row["words"], type=Texts),
                "team": Team(row["team"]),
                "counts": msgspec.json.decode(row["counts"], type=Measured),
                "milestones": tuple(row["milestones"]),
                "pauses": tuple(row["pauses"]),
                "state": State(row["state"]),
            }
        )

    @property
    def goal(self) -> int:
        return self.counts.at_least

    @property
    def channel(self) -> str:
        """Where what happens to it is announced."""
        return f"challenge:{self.id}"

    def stage(self, now: datetime) -> State:
        """Where it stands by now, also before the clock's job came by."""
        if self.state is State.SCHEDULED and self.starts_at <= now:
            return State.RUNNING if now < self.ends_at else State.ENDED
        if self.state is State.RUNNING and self.ends_at <= now:
            return State.ENDED
        return self.state

    def is_open(self, now: datetime) -> bool:
        """Whether one can still join: published, and not over."""
        if self.state is State.DRAFT or self.over_at is not None:
            return False
        return self.state is State.PAUSED or now < self.ends_at

    @property
    def open_until(self) -> datetime:
        """The moment from which on nothing counts."""
        return self.ends_at if self.over_at is None else min(self.ends_at, self.over_at)

    def counts_at(self, moment: datetime) -> bool:
        """Whether what happened then counts: within the window, and not during a pause."""
        if not self.starts_at <= moment < self.open_until:
            return False
        return sum(turn <= moment for turn in self.pauses) % 2 == 0
