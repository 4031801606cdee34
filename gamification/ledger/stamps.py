"""What the ledger stamps on an activity: its instant, the member's day and the programme's."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

INSTANT = timedelta(microseconds=1)
# Clocks of sources run a little ahead.
TOLERANCE = timedelta(minutes=5)


class Stamp(NamedTuple):
    """When an activity counts. One that knows only its day counts at that day's end."""

    moment: datetime
    day_only: bool
    local_day: date
    programme_day: date


def stamped(occurred_at: datetime | date, member_zone: ZoneInfo, programme: ZoneInfo) -> Stamp:
    """The stamp of an activity. A moment without an offset is taken as UTC."""
    if isinstance(occurred_at, datetime):
        aware = occurred_at if occurred_at.tzinfo else occurred_at.replace(tzinfo=UTC)
        moment = aware.astimezone(UTC)
        local_day = moment.astimezone(member_zone).date()
        same = programme is member_zone
        programme_day = local_day if same else moment.astimezone(programme).date()
        return Stamp(moment, False, local_day, programme_day)
    moment = end_of_day(occurred_at, member_zone)
    return Stamp(moment, True, occurred_at, moment.astimezone(programme).date())


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last instant of a local day, whatever its length."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    return midnight.astimezone(UTC) - INSTANT


def is_in_the_future(stamp: Stamp, now: datetime, member_zone: ZoneInfo) -> bool:
    """Whether it hasn't happened yet: a later moment, or a day that hasn't begun."""
    if stamp.day_only:
        return stamp.local_day > (now + TOLERANCE).astimezone(member_zone).date()
    return stamp.moment > now + TOLERANCE
