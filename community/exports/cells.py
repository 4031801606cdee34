"""Values as the cells of a CSV file that a person may open in a spreadsheet. Pure.

A spreadsheet takes a text that begins with a sign of arithmetic for a formula, and runs it. It
may also cut a text in two: one that is set to semicolons doesn't see that a cell between commas
is quoted. So each place where a cell may begin is looked at, and gets an apostrophe.
"""

import re
from datetime import UTC, date, datetime
from typing import Final

Value = str | int | bool | datetime | date | None

# Where a cell begins, for us or for a spreadsheet with other delimiters.
BEGINNING: Final = r"(?:^|(?<=[;\t\r\n]))"
# Spaces and quotes before a formula don't stop every spreadsheet, and apostrophes are ours.
FORMULA: Final = r"(?=[\s\"']*[=+\-@\uff1d\uff0b\uff0d\uff20])"
HARMFUL: Final = re.compile(rf"{BEGINNING}{FORMULA}|^(?='*[\t\r\n])")
HARMLESS: Final = re.compile(rf"{BEGINNING}'{FORMULA}|^'(?='*[\t\r\n])")


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
            return HARMFUL.sub("'", value)


def plain(text: str) -> str:
    """The text that a cell of ours was made from."""
    return HARMLESS.sub("", text)


def without_prefix(text: str, prefix: str) -> str:
    """An id as its source writes it."""
    return text.removeprefix(f"{prefix}:") if prefix else text
