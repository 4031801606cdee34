"""The audit trail as CSV that a spreadsheet may open. Pure."""

import csv
import io
from collections.abc import Iterable
from typing import Final

import msgspec

from community.audit.service import Entry
from community.exports.cells import cell

COLUMNS: Final = Entry.__struct_fields__


def heading() -> str:
    """The names of the columns."""
    return _csv([COLUMNS])


def lines(entries: Iterable[Entry]) -> str:
    """A line for each act."""
    return _csv(map(row, entries))


def row(entry: Entry) -> list[str]:
    """The cells of an act's line."""
    values = msgspec.structs.astuple(entry)
    return [
        cell(msgspec.json.encode(value).decode() if isinstance(value, dict) else value)
        for value in values
    ]


def _csv(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
