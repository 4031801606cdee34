"""What activities are worth: daily caps and cool-downs, whatever the order they arrive in.

Points of a kind on a member's local day are min(cap, sum). A cool-down cuts the day into
buckets (its hours, or the whole), and a bucket is worth its most valuable activity, also where
the programme's midnight falls into it.
"""

from collections.abc import Iterable, Iterator
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
        if part.bucket == NO_BUCKET:
            self.parts[part] = self.parts.get(part, 0) + worth
            return False
        held_back = worth > 0 and any(
            there > 0 for other, there in self.parts.items() if other.bucket == part.bucket
        )
        self.parts[part] = max(self.parts.get(part, 0), worth)
        return held_back

    @property
    def total(self) -> int:
        """The points of the day."""
        return self._capped(sum(rise for _, rise in self._rises(self.parts)))

    def by_programme_day(self) -> dict[date, int]:
        """The points by the programme's day: what came first fills bucket and cap first."""
        worth = 0
        shares: dict[date, int] = {}
        for day, rise in self._rises(sorted(self.parts)):
            share = self._capped(worth + rise) - self._capped(worth)
            shares[day] = shares.get(day, 0) + share
            worth += rise
        return shares

    def _capped(self, worth: int) -> int:
        cap = self.terms.daily_cap
        return worth if cap is None else min(cap, worth)

    def _rises(self, parts: Iterable[Part]) -> Iterator[tuple[date, int]]:
        """What each part adds to those before it, before the cap.

        A bucket is the member's, so it may have a part on each side of the programme's midnight.
        """
        best: dict[int, int] = {}
        for part in parts:
            day, bucket = part
            worth = self.parts[part]
            if bucket == NO_BUCKET:
                yield day, worth
                continue
            there = best.get(bucket, 0)
            best[bucket] = max(there, worth)
            yield day, best[bucket] - there
