"""Opaque cursors: what a list gives out so that the next page can start where it stopped."""

import base64
import binascii
from typing import Any

import msgspec

from ground.errors import CursorInvalid


def encode(*position: Any) -> str:
    """A cursor for a position, such as the last row's sort key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def decode(cursor: str, *types: Any) -> tuple[Any, ...]:
    """The position inside a cursor, each part of the given type."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        position: tuple[Any, ...] = msgspec.json.decode(raw, type=tuple[types])  # type: ignore[valid-type]
    except (binascii.Error, ValueError, msgspec.DecodeError) as failure:
        raise CursorInvalid from failure
    return position
