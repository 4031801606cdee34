"""How much of a member's attention may be asked for. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

# Until the next asking of a kind after a first no; each further no doubles it.
FIRST_WAIT: Final = timedelta(days=14)
MOST_DOUBLINGS: Final = 6


class Ceiling(msgspec.Struct, frozen=True):
    """So many askings within so many days, at most."""

    asks: int = 2
    days: int = 7

    @property
    def window(self) -> timedelta:
        return timedelta(days=self.days)


def asks_of(ceiling: Ceiling, wished: int | None) -> int:
    """A member's own number counts below the ceiling."""
    return ceiling.asks if wished is None else min(ceiling.asks, wished)


def free_from(
    spent: Sequence[datetime], asks: int, window: timedelta, now: datetime
) -> datetime | None:
    """From when on one more may be asked: now itself, later, or never if nothing may be.

    What was spent counts from its moment until a window later, also where a clock that runs ahead
    put that moment after now. So whichever window one looks through, there are never more.
    """
    if asks <= 0:
        return None
    counting = sorted(each for each in spent if each > now - window)
    if len(counting) < asks:
        return now
    return counting[-asks] + window


def free_after_noes(noes: int, last_no_at: datetime | None, now: datetime) -> datetime:
    """From when on a kind may be asked again after so many noes in a row."""
    if not noes or last_no_at is None:
        return now
    wait: timedelta = FIRST_WAIT * 2 ** min(noes - 1, MOST_DOUBLINGS)
    return max(now, last_no_at + wait)
