"""What an integration key is: its secret's form, what it may be called, when it works."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from community.keys.errors import KeyNotAcceptable
from community.keys.scopes import Scope
from ground.errors import FieldError

SECRET: Final = "sk_"  # noqa: S105 - the beginning that all secrets share
SECRET_BYTES: Final = 32
SHOWN: Final = len(SECRET) + 8
SOURCE: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
# The product's own entries go by these names.
RESERVED: Final = frozenset({"ambassade", "reversal"})
LONGEST_NAME: Final = 60
DEFAULT_OVERLAP: Final = timedelta(days=1)
LONGEST_OVERLAP: Final = timedelta(days=30)


class KeyState(StrEnum):
    """Where a key stands."""

    ACTIVE = "active"
    # It has a successor, and works until it expires.
    REPLACED = "replaced"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An integration key, without its secret."""

    id: UUID
    name: str
    source: str
    prefix: str
    scopes: frozenset[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    replaced_at: datetime | None
    revoked_at: datetime | None

    def works_at(self, moment: datetime) -> bool:
        """Whether it opens anything then."""
        return self.state_at(moment) in {KeyState.ACTIVE, KeyState.REPLACED}

    def state_at(self, moment: datetime) -> KeyState:
        """Where it stands then."""
        if self.revoked_at is not None:
            return KeyState.REVOKED
        if self.expires_at is not None and self.expires_at <= moment:
            return KeyState.EXPIRED
        return KeyState.ACTIVE if self.replaced_at is None else KeyState.REPLACED

    @classmethod
    def of(cls, row: asyncpg.Record) -> "Key":
        fields = {name: row[name] for name in cls.__struct_fields__ if name != "scopes"}
        return cls(scopes=frozenset(row["scopes"]), **fields)


class KeyFound(msgspec.Struct, frozen=True, kw_only=True):
    """What a working key says about the system that sent it."""

    key_id: UUID
    source: str
    scopes: frozenset[str]


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key with its secret, which nobody can be told a second time."""

    key: Key
    secret: str


def new_secret() -> str:
    """256 random bits behind a beginning by which scanners know them for a secret."""
    return SECRET + secrets.token_urlsafe(SECRET_BYTES)


def refuse_unacceptable(
    name: str, source: str, scopes: Collection[Scope], lasts: timedelta | None
) -> None:
    """Raise unless a key can be made like this."""
    refuse_name(name)
    if SOURCE.fullmatch(source) is None or source in RESERVED:
        raise _refused(
            "/source",
            "A source has 1 to 40 lower-case letters, digits and hyphens, starts with a letter, "
            "and isn't `ambassade`.",
        )
    refuse_scopes(scopes)
    if lasts is not None and lasts <= timedelta(0):
        raise _refused("/lasts_seconds", "A key can't end before it begins.")


def refuse_name(name: str) -> None:
    """Raise unless people can tell the key by it."""
    printable = all(unicodedata.category(each)[0] != "C" for each in name)
    if not name.strip() or len(name) > LONGEST_NAME or not printable:
        raise _refused("/name", "A name has 1 to 60 printable characters.")


def refuse_scopes(scopes: Collection[Scope]) -> None:
    """Raise unless they allow something."""
    if not scopes:
        raise _refused("/scopes", "A key without a scope opens nothing.")


def refuse_overlap(overlap: timedelta) -> None:
    """Raise unless two keys may work side by side for so long."""
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise _refused("/overlap_seconds", "Two keys work side by side for 30 days at most.")


def _refused(pointer: str, why: str) -> KeyNotAcceptable:
    return KeyNotAcceptable(why, errors=(FieldError(pointer, why),))


def digest_of(secret: str) -> bytes:
    """What a secret is kept as."""
    return hashlib.sha256(secret.encode()).digest()
