"""Values as the cells of a CSV file that a person may open in a spreadsheet. Pure."""

from datetime import UTC, date, datetime
from typing import Final

Value = str | int | bool | datetime | date | None

# A spreadsheet takes a text that starts so for a formula, and runs it.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Value) -> str:
    """A cell: moments as RFC 3339 in UTC, texts so that no spreadsheet runs them."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case int():
            return str(value)
        case str():
            return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def without_prefix(text: str, prefix: str) -> str:
    """An id as its source writes it."""
    return text.removeprefix(f"{prefix}:") if prefix else text
