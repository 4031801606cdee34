"""The periods that boards are about, in the programme's time zone."""

from datetime import date, timedelta
from typing import Final, Literal

PeriodKind = Literal["all_time", "month", "week"]
ALL_TIME: Final = "all_time"


def period_of(day: date, kind: PeriodKind) -> str:
    """The name of the period that a day of the programme is in: `2026-11`, `2026-W47`."""
    match kind:
        case "all_time":
            return ALL_TIME
        case "month":
            return f"{day.year:04d}-{day.month:02d}"
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year:04d}-W{week:02d}"


def periods_of(day: date) -> tuple[str, str, str]:
    """All periods that a day is in."""
    return ALL_TIME, period_of(day, "month"), period_of(day, "week")


def previous_period(day: date, kind: PeriodKind) -> str:
    """The period before the one that the day is in."""
    match kind:
        case "all_time":
            return ALL_TIME
        case "month":
            return period_of(day.replace(day=1) - timedelta(days=1), "month")
        case "week":
            return period_of(day - timedelta(days=7), "week")
