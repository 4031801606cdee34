"""Closes months, weeks and seasons once the phones that were away had time to tell."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from gamification.boards.scores import closed_periods
from gamification.catalogue.service import current
from gamification.challenges.celebrating import seasons_closed
from gamification.ledger.intake import hold_everything
from gamification.ledger.periods import PeriodKind, period_of
from gamification.seasons.season import Season
from gamification.segments import keep
from ground import clock, programme
from ground.engine import fetch, fetchval
from ground.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

KINDS: Final[tuple[PeriodKind, ...]] = ("month", "week")
# What comes in until then still counts on the boards of the period.
LATE_ARRIVALS: Final = timedelta(hours=48)


async def close_due(now: datetime) -> list[str]:
    """Close all periods that ended long enough ago, also those that were missed.

    What ended before the programme began never was a contest, and isn't closed: its history
    may still be brought in.
    """
    begun = await fetchval("SELECT min(published_at) FROM publication")
    if begun is None:
        return []
    zone = programme.zone()
    seasons = [season.days for season in (await current()).seasons.values()]
    due = [*periods_to_close(begun, now, zone), *seasons_to_close(seasons, begun, now, zone)]
    return await close(due)


async def close(periods: Sequence[str]) -> list[str]:
    """Freeze the boards of these periods. Return those that weren't closed yet."""
    if not await _are_open(periods):
        return []
    async with unit_of_work():
        # Nobody credits meanwhile: each entry came either before the closing or after it.
        await hold_everything()
        rows = await fetch(
            """
            INSERT INTO closed_period (period, closed_at) SELECT p, $2 FROM unnest($1::text[]) p
            ON CONFLICT DO NOTHING RETURNING period
            """,
            list(periods),
            clock.now(),
        )
        closed = [row["period"] for row in rows]
        await keep.freeze(closed)
        await seasons_closed(await _seasons_of(closed))
    log.info("periods_closed", periods=closed)
    return closed


def periods_to_close(begun: datetime, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """The months and weeks that ended after the beginning, and long enough ago."""
    for kind in KINDS:
        day = begun.astimezone(zone).date()
        while _end(day, kind, zone) + LATE_ARRIVALS <= now:
            yield period_of(day, kind)
            day = day_after_period(day, kind)


def seasons_to_close(
    seasons: Iterable[Season], begun: datetime, now: datetime, zone: ZoneInfo
) -> Iterator[str]:
    """The seasons that ended after the beginning, and long enough ago."""
    for season in seasons:
        end = _midnight(season.ends_on + timedelta(days=1), zone)
        if not season.retired and begun < end and end + LATE_ARRIVALS <= now:
            yield season.period


def _end(day: date, kind: PeriodKind, zone: ZoneInfo) -> datetime:
    """The midnight that ends the period of a day, whatever the clocks do that night."""
    return _midnight(day_after_period(day, kind), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def day_after_period(day: date, kind: PeriodKind) -> date:
    """The first day of the next period."""
    if kind == "week":
        return day + timedelta(days=7 - day.weekday())
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


async def _seasons_of(periods: Sequence[str]) -> list[str]:
    known = (await current()).seasons
    return [slug for slug, season in known.items() if season.days.period in periods]


async def _are_open(periods: Sequence[str]) -> bool:
    return len(await closed_periods(periods)) < len(periods)
