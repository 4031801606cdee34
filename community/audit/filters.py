"""What one looks for in the audit trail, and the conditions that find it. Pure."""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from ground.errors import CursorInvalid, FieldError, Invalid

NO_ZONE: Final = "Say in which zone, such as 2026-11-21T19:13:00Z."
OUT_OF_RANGE: Final = "No calendar has this moment in UTC."
NOT_BEFORE: Final = "It must be after `since`."


class Filters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is left out doesn't matter."""

    actor: str | None = None
    # How the act's name begins, such as `catalogue.`.
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Position(NamedTuple):
    """After which entry a page begins."""

    happened_at: datetime
    id: int


def period(since: datetime | None, until: datetime | None) -> tuple[datetime | None, ...]:
    """A period as PostgreSQL can compare it: its beginning belongs to it, its end doesn't."""
    begin, end = _in_utc("?since", since), _in_utc("?until", until)
    if begin is not None and end is not None and begin >= end:
        raise Invalid(errors=(FieldError("?until", NOT_BEFORE),))
    return begin, end


def _in_utc(name: str, moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise Invalid(errors=(FieldError(name, NO_ZONE),))
    try:
        return moment.astimezone(UTC)
    except OverflowError as failure:
        raise Invalid(errors=(FieldError(name, OUT_OF_RANGE),)) from failure


def position(moment: datetime, entry_id: int) -> Position:
    """What a cursor says, if a cursor of ours says it."""
    try:
        return Position(moment.astimezone(UTC), entry_id)
    except OverflowError as failure:
        raise CursorInvalid from failure


def conditions(filters: Filters, after: Position | None) -> tuple[str, list[Any]]:
    """The conditions of a page, and their values.

    Put together, for a condition that is always there and sometimes says nothing would keep
    PostgreSQL from using the index of the others.
    """
    area, in_it, _ = (filters.action or "").partition(".")
    wanted: list[tuple[str, tuple[Any, ...]]] = [
        ("actor = {}", (filters.actor,)),
        ("split_part(action, '.', 1) = {}", (area if in_it else None,)),
        ("starts_with(action, {})", (filters.action,)),
        ("subject = {}", (filters.subject,)),
        ("happened_at >= {}", (filters.since,)),
        ("happened_at < {}", (filters.until,)),
        ("(happened_at, id) < ({}, {})", after or (None,)),
    ]
    said: list[str] = []
    values: list[Any] = []
    for condition, given in wanted:
        if given[0] is not None:
            said.append(condition.format(*(f"${len(values) + n + 1}" for n in range(len(given)))))
            values += given
    return " AND ".join(said) or "true", values
