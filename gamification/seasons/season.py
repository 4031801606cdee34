"""Seasons as they are in force: which days they have, and which one runs. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

import msgspec

from gamification.ledger.stamps import TOLERANCE
from ground import programme

PREFIX: Final = "season:"
LONGEST_PERIOD: Final = 20


class Season(msgspec.Struct, frozen=True):
    """The days of a season, both ends included, in the programme's time zone.

    One that was retired ended on that day at the latest.
    """

    slug: str
    starts_on: date
    ends_on: date
    retired: bool = False

    def has(self, day: date) -> bool:
        """Whether a day of the programme is in it."""
        return self.starts_on <= day <= self.ends_on

    def with_the_day_before(self) -> "Season":
        """The same, a day longer."""
        starts_on = self.starts_on - timedelta(days=1)
        return Season(self.slug, starts_on, self.ends_on, self.retired)

    @property
    def period(self) -> str:
        """The name of its period on boards: a mark of its own where the slug is long."""
        name = PREFIX + self.slug
        if len(name) <= LONGEST_PERIOD:
            return name
        # No slug has a tilde in it.
        return f"{PREFIX}~{sha256(self.slug.encode()).hexdigest()}"[:LONGEST_PERIOD]


def running_on(seasons: Iterable[Season], day: date) -> list[Season]:
    """The seasons that run on a day, the one that began last first."""
    found = [season for season in seasons if not season.retired and season.has(day)]
    return sorted(found, key=lambda season: (season.starts_on, season.slug), reverse=True)


def ended_before(seasons: Iterable[Season], day: date) -> list[Season]:
    """The seasons that were over before a day, the one that ended last first."""
    found = [season for season in seasons if not season.retired and season.ends_on < day]
    return sorted(found, key=lambda season: (season.ends_on, season.slug), reverse=True)


def current_and_before(seasons: Iterable[Season], day: date) -> tuple[Season | None, Season | None]:
    """The season that a board is about on a day, and the one before it.

    Between two seasons the last one stays, so that a board is never blank for lack of one.
    """
    known = list(seasons)
    running, ended = running_on(known, day), ended_before(known, day)
    current, *before = [*running[:1], *ended, None]
    return current, before[0] if before else None


def latest_day(now: datetime) -> date:
    """The last day of the programme that has begun.

    What knows only its day, west of the programme, may be stamped with the next one.
    """
    return (now + TOLERANCE).astimezone(programme.zone()).date()
