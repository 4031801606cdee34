"""What the whole programme shares: the time zone of its months, weeks and closings."""

from functools import cache
from zoneinfo import ZoneInfo

DEFAULT_ZONE = "Europe/Paris"

_zone_name = DEFAULT_ZONE


def keep_time_of(zone: str) -> None:
    """Set the programme's time zone, once, when a process starts."""
    global _zone_name
    _zone_name = ZoneInfo(zone).key


def zone() -> ZoneInfo:
    """The programme's time zone."""
    return zone_named(_zone_name)


@cache
def zone_named(name: str) -> ZoneInfo:
    """A time zone of the IANA database."""
    return ZoneInfo(name)
