"""What a publishable key is: its form, and what it may open."""

import re
import secrets
import unicodedata
from collections.abc import Collection
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import msgspec

from community.publishable.errors import PublishableKeyNotAcceptable
from ground.errors import FieldError

PREFIX: Final = "pk_"
KEY_BYTES: Final = 18
LONGEST_NAME: Final = 60
MOST_OPENED: Final = 50
LOCAL: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_KEY: Final = re.compile(r"pk_[A-Za-z0-9_-]{16,37}")
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,180}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")


class PublishableKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that a page of a public site shows."""

    id: UUID
    key: str
    name: str
    boards: frozenset[str]
    challenges: frozenset[str]
    origins: frozenset[str]
    created_by: str
    created_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> "PublishableKey":
        fields = {name: row[name] for name in cls.__struct_fields__}
        return cls(**fields | {name: frozenset(row[name]) for name in SETS})


SETS: Final = ("boards", "challenges", "origins")


def new_key() -> str:
    """144 random bits: nobody needs to guess it, and nobody's keys are numbered."""
    return PREFIX + secrets.token_urlsafe(KEY_BYTES)


def is_key(text: str) -> bool:
    """Whether it has the form of a publishable key."""
    return _KEY.fullmatch(text) is not None


def refuse_name(name: str) -> None:
    """Raise unless people can tell the key by it."""
    printable = all(unicodedata.category(each)[0] != "C" for each in name)
    if not name.strip() or len(name) > LONGEST_NAME or not printable:
        raise refused("/name", "A name has 1 to 60 printable characters.")


def refuse_origins(origins: Collection[str]) -> None:
    """Raise unless browsers send each of these as an `Origin`, just so."""
    for place, origin in enumerate(origins):
        if not is_origin(origin):
            raise refused(
                f"/origins/{place}",
                "An origin looks like https://www.example.com: small letters, no path, no usual "
                "port. http:// is for localhost only.",
            )


def is_origin(text: str) -> bool:
    """Whether it is an origin as browsers write it."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host, _, digits = parts.netloc.rpartition(":") if port is not None else (parts.netloc, "", "")
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    if usual is None or port == usual or (port is not None and str(port) != digits):
        return False
    if parts.scheme == "http" and host not in LOCAL:
        return False
    return text == f"{parts.scheme}://{parts.netloc}" and _HOST.fullmatch(host) is not None


def refused(pointer: str, why: str) -> PublishableKeyNotAcceptable:
    return PublishableKeyNotAcceptable(why, errors=(FieldError(pointer, why),))
