"""Streaks: active periods in a row, which a rest now and then doesn't break."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

Unit = Literal["day", "week", "month"]
UNITS: Final[tuple[Unit, ...]] = ("day", "week", "month")

# One missed period in any seven is bridged, and isn't counted.
FORGIVING_SPAN: Final = 7
# From the last active period to one in which activity still goes on with it.
LONGEST_GAP: Final = 2


def period_number(day: date, unit: Unit) -> int:
    """The number of the day, ISO week or month, so that neighbours differ by one."""
    match unit:
        case "day":
            return day.toordinal()
        case "week":
            return (day.toordinal() - 1) // 7
        case "month":
            return day.year * 12 + day.month


class Run(msgspec.Struct, frozen=True):
    """A streak as it stands at its last active period.

    `since_miss` counts the active periods after the last bridged one, which a second
    miss too soon would leave.
    """

    length: int = 0
    last: int | None = None
    missed: int | None = None
    since_miss: int = 0

    def extended_to(self, period: int) -> "Run":
        """The streak after activity in a later period."""
        if self.last is None or period <= self.last:
            return self if self.last is not None else Run(1, period, None, 1)
        gap = period - self.last
        if gap == 1:
            return Run(self.length + 1, period, self.missed, self.since_miss + 1)
        if gap > 2:
            return Run(1, period, None, 1)
        miss = period - 1
        if self.missed is None or miss - self.missed >= FORGIVING_SPAN:
            return Run(self.length + 1, period, miss, 1)
        # The older miss is left behind: what came after it still stands with this one bridged.
        return Run(self.since_miss + 1, period, miss, 1)

    def alive_in(self, period: int) -> bool:
        """Whether activity in `period` would still continue it."""
        if self.last is None:
            return False
        return period - self.last <= LONGEST_GAP


def last_day_to_go_on(run: Run, unit: Unit) -> date | None:
    """The last day on which activity would continue a streak."""
    if run.last is None:
        return None
    after = run.last + LONGEST_GAP + 1
    match unit:
        case "day":
            return date.fromordinal(after - 1)
        case "week":
            return date.fromordinal(after * 7)
        case "month":
            year, month = divmod(after - 1, 12)
            return date(year, month + 1, 1) - timedelta(days=1)


def run_over(periods: Iterable[int]) -> tuple[Run, int]:
    """The streak at the last of the periods, and the longest there ever was."""
    run, longest = Run(), 0
    for period in sorted(set(periods)):
        run = run.extended_to(period)
        longest = max(longest, run.length)
    return run, longest


class Streak(msgspec.Struct, frozen=True):
    """A streak as a member sees it: what goes on now, and the best one."""

    current: int
    best: int


def streak_in(period: int, run: Run, best: int) -> Streak:
    """The streak that a member sees in a period: a run goes on while activity would continue it."""
    return Streak(current=run.length if run.alive_in(period) else 0, best=best)
