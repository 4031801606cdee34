"""How systems name members, and when they say that something happened."""

import re
from datetime import date, datetime
from typing import Annotated, Final, NamedTuple
from uuid import UUID

import msgspec

CANONICAL: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
EXTERNAL: Final = "external:"
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Beyond these years, reckoning in another zone leaves the calendar.
YEARS: Final = range(1970, 3000)
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class External(NamedTuple):
    """Somebody as another system calls them."""

    source: str
    external_id: str


Reference = UUID | External


def reference_in(text: str) -> Reference | None:
    """Whom a text such as `external:crm:4711` names, if it has a form that names anybody."""
    if text.startswith(EXTERNAL):
        source, colon, external_id = text.removeprefix(EXTERNAL).partition(":")
        return External(source, external_id) if source and colon and external_id else None
    return UUID(text) if CANONICAL.fullmatch(text) else None


def moment_in(text: str) -> datetime | date | None:
    """The moment with its zone, or the day, that a text says in the form of RFC 3339."""
    try:
        moment = date.fromisoformat(text) if DAY.fullmatch(text) else msgspec.convert(text, Moment)
    except ValueError:
        return None
    return moment if moment.year in YEARS else None
