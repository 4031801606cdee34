"""Arrays for statements as PostgreSQL writes them: a text for `$1::text::uuid[]`.

asyncpg asks of each element whether it is an array itself, which takes longer than all the rest
of a large statement.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

_encode: Final = msgspec.json.Encoder().encode


def literal(values: Sequence[Any]) -> str:
    """The array of these numbers, texts, ids, days, moments or nothings."""
    # Between its brackets JSON is the same, but for what it escapes.
    written = _encode(values)
    if b"\\" in written:
        return "{" + ",".join(map(_element, values)) + "}"
    return "{" + written[1:-1].decode() + "}"


def _element(value: object) -> str:
    if not isinstance(value, str):
        return _encode(value).decode()
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def columns(rows: Iterable[Sequence[Any]]) -> list[str]:
    """An array for each column."""
    return [literal(column) for column in zip(*rows, strict=True)]
