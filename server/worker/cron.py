"""When something is due, as cron says it, and what becomes of moments that were missed. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Final

import msgspec

A_DAY: Final = timedelta(days=1)
FOUR_YEARS: Final = timedelta(days=4 * 366)
# Who restarts isn't late.
ON_TIME: Final = timedelta(minutes=5)
FIELDS: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))


class Missed(StrEnum):
    """What is done about ticks that nobody was there for."""

    RUN_ONCE = "run_once"
    SKIP = "skip"


class Gap(msgspec.Struct, frozen=True):
    """Ticks that nothing was done for: the first, the last, and how many."""

    first_at: datetime
    last_at: datetime
    ticks: int


class Due(msgspec.Struct, frozen=True):
    """The last tick there was, whether to run for it, and which were missed."""

    ticked_at: datetime
    runs: bool = False
    gap: Gap | None = None


class Cron(msgspec.Struct, frozen=True):
    """Minutes, hours, days, months and weekdays (0 is Sunday): all have to fit. In UTC."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def ticks(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """All moments after one and until another, this one included."""
        day = after.astimezone(UTC).date()
        while datetime.combine(day, time(), UTC) <= until:
            if self._fits(day):
                for moment in self._on(day):
                    if after < moment <= until:
                        yield moment
            day += A_DAY

    def next_after(self, moment: datetime) -> datetime:
        """The next moment. Once in four years at least there is one."""
        return next(self.ticks(moment, moment + FOUR_YEARS))

    def _fits(self, day: date) -> bool:
        weekday = day.isoweekday() % 7
        return day.day in self.days and day.month in self.months and weekday in self.weekdays

    def _on(self, day: date) -> Iterator[datetime]:
        for hour in self.hours:
            for minute in self.minutes:
                yield datetime.combine(day, time(hour, minute), UTC)


@cache
def cron(text: str) -> Cron:
    """Read `*`, `*/5`, `7` and `1,15` in each of the five places."""
    parts = text.split()
    if len(parts) != len(FIELDS):
        raise ValueError(f"{text!r} has not five places")
    minutes, hours, days, months, weekdays = (
        _values(part, low, high) for part, (low, high) in zip(parts, FIELDS, strict=True)
    )
    return Cron(minutes, hours, frozenset(days), frozenset(months), frozenset(weekdays))


def _values(part: str, low: int, high: int) -> tuple[int, ...]:
    if part == "*":
        return tuple(range(low, high + 1))
    if part.startswith("*/"):
        return tuple(range(low, high + 1, int(part[2:])))
    values = sorted({int(each) for each in part.split(",")})
    if values[0] < low or values[-1] > high:
        raise ValueError(f"{part!r} is not from {low} to {high}")
    return tuple(values)


def due(when: Cron, missed: Missed, last: datetime, now: datetime) -> Due:
    """What is to be done now, if the last tick that anybody saw was then.

    However many were missed, one run makes up for them, or none: never more.
    """
    ticks = list(when.ticks(last, now))
    if not ticks:
        return Due(last)
    newest = ticks[-1]
    runs = missed is Missed.RUN_ONCE or now - newest <= ON_TIME
    return Due(newest, runs, _gap(ticks[:-1] if runs else ticks))


def _gap(ticks: Sequence[datetime]) -> Gap | None:
    return Gap(ticks[0], ticks[-1], len(ticks)) if ticks else None
