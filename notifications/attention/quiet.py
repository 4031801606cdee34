"""When a member is not to be disturbed, and when that ends. Pure."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY_MINUTES: Final = 24 * 60
# Somebody may keep all days quiet: then there is no decent moment.
FURTHEST: Final = 8


def decent_from(
    now: datetime, zone: ZoneInfo, hours: tuple[int, int], days: frozenset[int]
) -> datetime | None:
    """The first moment from now on that is decent: now itself, or nothing within a week.

    `hours` are minutes of the member's day from which and until which it is quiet, over midnight
    if need be; the same twice means never. A quiet day is so from midnight to midnight.
    """
    local = now.astimezone(zone)
    if local.weekday() not in days and not _is_quiet(local.hour * 60 + local.minute, hours):
        return now
    for ahead in range(FURTHEST):
        day = local.date() + timedelta(days=ahead)
        if day.weekday() in days:
            continue
        start = now if ahead == 0 else _moment(day, 0, zone)
        found = _on_the_day(day, start, zone, hours)
        if found is not None:
            return found
    return None


def _is_quiet(minute: int, hours: tuple[int, int]) -> bool:
    since, until = hours
    if since <= until:
        return since <= minute < until
    return minute >= since or minute < until


def _on_the_day(
    day: date, start: datetime, zone: ZoneInfo, hours: tuple[int, int]
) -> datetime | None:
    since, until = hours
    if since == until:
        return start
    spans = [(0, since), (until, DAY_MINUTES)] if since < until else [(until, since)]
    for opens, closes in spans:
        begin = max(start, _moment(day, opens, zone))
        if begin < _moment(day, closes, zone):
            return begin
    return None


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """A minute of a local day. One that the clock skips is the one after."""
    if minutes == DAY_MINUTES:
        return _moment(day + timedelta(days=1), 0, zone)
    naive = datetime.combine(day, time(minutes // 60, minutes % 60))
    # Through UTC, so that moments compare as such on days when the clock is changed.
    return naive.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
