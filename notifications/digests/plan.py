"""When a member's digest is due, what period it is of, and what it looks back at. Pure."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from notifications.attention.plan import Wishes
from notifications.attention.quiet import decent_from

AT: Final = time(9)
UTC: Final = ZoneInfo("UTC")


class Often(StrEnum):
    """How often a member wants a digest."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


LENGTHS: Final = {
    Often.DAILY: timedelta(days=1),
    Often.WEEKLY: timedelta(days=7),
    Often.MONTHLY: timedelta(days=31),
}
_BEGINS: Final[dict[Often, Callable[[date], bool]]] = {
    Often.DAILY: lambda _: True,
    Often.WEEKLY: lambda day: day.weekday() == 0,
    Often.MONTHLY: lambda day: day.day == 1,
}


class Turn(NamedTuple):
    """Whether it is now, and when to look again."""

    is_now: bool
    next_at: datetime


def turn(now: datetime, often: Often, wishes: Wishes, due_at: datetime | None) -> Turn:
    """What to do for a member whose digest was due at a moment, or was never planned."""
    regular = next_at(now, often, wishes)
    if due_at is None:
        return Turn(is_now=False, next_at=regular)
    ready = now if wishes.paused_until is None else max(now, wishes.paused_until)
    decent = decent_from(ready, wishes.zone, wishes.quiet, wishes.quiet_days)
    if decent is None:
        return Turn(is_now=False, next_at=regular)
    return Turn(is_now=True, next_at=regular) if decent <= now else Turn(False, decent)


def next_at(now: datetime, often: Often, wishes: Wishes) -> datetime:
    """The first decent moment, from nine in the morning on, of the next period that begins."""
    day = now.astimezone(wishes.zone).date()
    while not (_BEGINS[often](day) and _nine(day, wishes.zone) > now):
        day += timedelta(days=1)
    nine = _nine(day, wishes.zone)
    return decent_from(nine, wishes.zone, wishes.quiet, wishes.quiet_days) or nine


def period_of(moment: datetime, often: Often, zone: ZoneInfo) -> str:
    """What the period is called in which a moment is, where the member lives."""
    day = moment.astimezone(zone).date()
    year, week, _ = day.isocalendar()
    return {
        Often.DAILY: day.isoformat(),
        Often.WEEKLY: f"{year:04}-W{week:02}",
        Often.MONTHLY: f"{day:%Y-%m}",
    }[often]


def looks_back_to(now: datetime, often: Often, last_until: datetime | None) -> datetime:
    """Where the last one ended, so that nothing comes twice; but not to times long gone."""
    length = LENGTHS[often]
    return now - length if last_until is None else max(last_until, now - 2 * length)


def _nine(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, AT, zone).astimezone(UTC)
