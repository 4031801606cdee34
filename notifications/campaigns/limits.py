"""How many one manager writes to alone, how often everybody is written to, and whose images."""

from datetime import timedelta
from typing import Final

import msgspec

# A day is 24 hours back from now, so that nothing is gained by waiting for midnight.
A_DAY: Final = timedelta(hours=24)


class Limits(msgspec.Struct, frozen=True):
    """What holds for campaigns in this installation."""

    # So many members one manager writes to within a day without another's word.
    alone: int = 500
    # So many campaigns to more than these start within a day.
    broadcasts: int = 3
    image_hosts: frozenset[str] = frozenset()


_limits = Limits()


def keep_to(limits: Limits) -> None:
    """Set the limits, once, when a process starts."""
    global _limits
    _limits = limits


def limits() -> Limits:
    """The limits of this installation."""
    return _limits
