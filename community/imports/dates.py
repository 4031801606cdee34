"""Days and moments as people write them. What could be read in two ways isn't read at all."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from community.activities.references import YEARS
from community.imports.errors import LineRejected, quoted

ISO: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(Z|UTC|[+-]\d{2}:?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
SPOKEN: Final = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII
)
SERIAL: Final = re.compile(r"\d{5}([.,]\d+)?", re.ASCII)


class Order(StrEnum):
    """Which comes first in a date with slashes."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class Dates(NamedTuple):
    """How the dates of a file are meant."""

    order: Order | None = None
    # Where clocks stood that showed times without a zone.
    zone: ZoneInfo | None = None

    def read(self, text: str) -> datetime | date:
        """The moment, or the day where only that is said."""
        try:
            read = self._read(text)
        except ValueError:
            raise LineRejected("date_invalid", f"there is no {quoted(text)}") from None
        if read.year not in YEARS:
            years = f"{YEARS.start} to {YEARS.stop - 1}"
            raise LineRejected("date_invalid", f"{quoted(text)} isn't in the years {years}")
        return read

    def moment(self, text: str, otherwise: ZoneInfo) -> datetime:
        """The moment. A day begins where the file's clocks stood, or else where is said."""
        read = self.read(text)
        if isinstance(read, datetime):
            return read
        return datetime.combine(read, time.min, tzinfo=self.zone or otherwise)

    def _read(self, text: str) -> datetime | date:
        if iso := ISO.fullmatch(text):
            year, month, day, hour, minute, second, fraction, offset = iso.groups()
            on = date(int(year), int(month), int(day))
            if hour is None:
                return on
            micro = int((fraction or "0").ljust(6, "0")[:6])
            at = time(int(hour), int(minute), int(second or 0), micro)
            return self._placed(datetime.combine(on, at), offset, text)
        if spoken := SPOKEN.fullmatch(text):
            first, _, second, year, hour, minute, seconds = spoken.groups()
            on = self._ordered(int(first), int(second), int(year), text)
            if hour is None:
                return on
            at = time(int(hour), int(minute), int(seconds or 0))
            return self._placed(datetime.combine(on, at), None, text)
        if SERIAL.fullmatch(text):
            why = f"{quoted(text)} is a number that a spreadsheet shows as a date: write the date"
            raise LineRejected("date_invalid", why)
        raise LineRejected("date_invalid", f"{quoted(text)} isn't a date such as 2026-11-21")

    def _ordered(self, first: int, second: int, year: int, text: str) -> date:
        match self.order:
            case Order.DAY_FIRST:
                return date(year, second, first)
            case Order.MONTH_FIRST:
                return date(year, first, second)
            case None:
                why = f"{quoted(text)}: say with --dates whether the day or the month is first"
                raise LineRejected("date_ambiguous", why)

    def _placed(self, clock: datetime, offset: str | None, text: str) -> datetime:
        if offset is not None:
            return clock.replace(tzinfo=_zone_of(offset))
        if self.zone is None:
            why = f"{quoted(text)}: say with --zone in which time zone that is"
            raise LineRejected("zone_missing", why)
        # Of an hour that comes twice, the first is taken; one that is left out never was.
        placed = clock.replace(tzinfo=self.zone).astimezone(UTC)
        if placed.astimezone(self.zone).replace(tzinfo=None) != clock:
            why = f"{quoted(text)} never was in {self.zone.key}: the clocks went forward"
            raise LineRejected("date_invalid", why)
        return placed


def _zone_of(offset: str) -> timezone:
    if offset.upper() in {"Z", "UTC"}:
        return UTC
    sign = -1 if offset[0] == "-" else 1
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if minutes > 59:
        raise ValueError(offset)
    return timezone(sign * timedelta(hours=hours, minutes=minutes))
