"""What activities are worth: daily caps and cool-downs, whatever the order they arrive in.

Points of a kind on a member's local day are min(cap, sum). A cool-down cuts the day into
buckets (its hours, or the whole), and a bucket is worth its most valuable activity.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

CoolDown = Literal["hour", "day"]
NO_BUCKET: Final = -1
WHOLE_DAY: Final = 24


class Terms(msgspec.Struct, frozen=True):
    """What a kind of activity is worth on a day."""

    points: int = 0
    daily_cap: int | None = None
    cool_down: CoolDown | None = None

    @property
    def simple(self) -> bool:
        """Whether each activity is worth the same, whatever else happened that day."""
        return self.daily_cap is None and self.cool_down is None

    def worth_of(self, quantity: int) -> int:
        """Points of one activity before caps. Nothing is ever worth less than nothing."""
        return self.points * max(0, quantity)

    def bucket_of(self, moment: datetime, zone: ZoneInfo) -> int:
        """The part of the local day within which only one activity counts."""
        match self.cool_down:
            case "hour":
                return moment.astimezone(zone).hour
            case "day":
                return WHOLE_DAY
            case None:
                return NO_BUCKET


class Part(NamedTuple):
    """A part of a member's day: the programme's day that it falls on, and its bucket."""

    programme_day: date
    bucket: int


class Day:
    """What a kind is worth on one member's local day, built up in any order."""

    __slots__ = ("parts", "terms")

    def __init__(self, terms: Terms, parts: dict[Part, int] | None = None) -> None:
        self.terms = terms
        self.parts = parts if parts is not None else {}

    def add(self, part: Part, worth: int) -> tuple[int, str | None]:
        """Add an activity. Return how many points the day gains by it, and why not all."""
        before = self.total
        held_back = self._put(part, worth)
        gained = self.total - before
        if gained >= worth:
            return gained, None
        return gained, "cool_down" if held_back else "daily_cap"

    def _put(self, part: Part, worth: int) -> bool:
        there = self.parts.get(part, 0)
        if part.bucket == NO_BUCKET:
            self.parts[part] = there + worth
            return False
        self.parts[part] = max(there, worth)
        return worth > 0 and there > 0

    @property
    def total(self) -> int:
        """The points of the day."""
        worth = sum(self.parts.values())
        cap = self.terms.daily_cap
        return worth if cap is None else min(cap, worth)

    def by_programme_day(self) -> dict[date, int]:
        """The points by the programme's day: what came first fills the cap first."""
        left = self.total
        shares: dict[date, int] = {}
        for part in sorted(self.parts):
            share = min(left, self.parts[part])
            shares[part.programme_day] = shares.get(part.programme_day, 0) + share
            left -= share
        return shares


def rebuilt(terms: Terms, entries: Iterable[tuple[Part, int]]) -> Day:
    """The day of these activities."""
    day = Day(terms)
    for part, worth in entries:
        day.add(part, worth)
    return day
