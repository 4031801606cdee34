"""How gently a campaign goes out: how many may have been written to by when. Pure."""

from datetime import datetime, timedelta
from typing import Final

from notifications.campaigns.definition import Pace, Ramp, Steps

A_MINUTE: Final = timedelta(minutes=1)
WHOLE: Final = 100


def allowed(ramp: Ramp | None, size: int, began_at: datetime, now: datetime) -> int | None:
    """To how many it may have gone by now; nothing when to all of them."""
    match ramp:
        case None:
            return None
        case Steps(percents=percents):
            step = _steps_since(ramp, began_at, now)
            if step >= len(percents):
                return None
            # Of a few members one percent is one of them.
            return -(-size * percents[step] // WHOLE)
        case Pace(per_minute=each):
            return each * (_steps_since(ramp, began_at, now) + 1)


def next_at(ramp: Ramp | None, began_at: datetime, now: datetime) -> datetime:
    """When more of them may be written to."""
    if ramp is None:
        return now
    return began_at + _length(ramp) * (_steps_since(ramp, began_at, now) + 1)


def _steps_since(ramp: Ramp, began_at: datetime, now: datetime) -> int:
    return max(now - began_at, timedelta()) // _length(ramp)


def _length(ramp: Ramp) -> timedelta:
    return timedelta(minutes=ramp.every_minutes) if isinstance(ramp, Steps) else A_MINUTE
