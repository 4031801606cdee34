"""What an integration key is: its secret's form, what it may be called, when it works."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from community.keys.errors import KeyNotAcceptable
from community.keys.scopes import Scope

SECRET: Final = "sk_"  # noqa: S105 - the beginning that all secrets share
SECRET_BYTES: Final = 32
SHOWN: Final = len(SECRET) + 8
SOURCE: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
# The product's own entries go by these names.
RESERVED: Final = frozenset({"ambassade", "reversal"})
LONGEST_NAME: Final = 60


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
        expired = self.expires_at is not None and self.expires_at <= moment
        return self.revoked_at is None and not expired

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
    printable = all(unicodedata.category(each)[0] != "C" for each in name)
    if not name.strip() or len(name) > LONGEST_NAME or not printable:
        raise KeyNotAcceptable("A name has 1 to 60 printable characters.")
    if SOURCE.fullmatch(source) is None or source in RESERVED:
        raise KeyNotAcceptable(
            "A source has 1 to 40 lower-case letters, digits and hyphens, starts with a letter, "
            "and isn't `ambassade` or `reversal`."
        )
    if not scopes:
        raise KeyNotAcceptable("A key without a scope opens nothing.")
    if lasts is not None and lasts <= timedelta(0):
        raise KeyNotAcceptable("A key can't end before it begins.")


def digest_of(secret: str) -> bytes:
    """What a secret is kept as."""
    return hashlib.sha256(secret.encode()).digest()
