"""Tickets: one opens one socket, within 30 seconds. Kept as their digests, in Valkey alone."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

import msgspec

from ground import clock, valkey
from server.live.reader import Reader

LASTS: Final = timedelta(seconds=30)
_KEPT: Final = "ambassade:ticket:"
_readers: Final = msgspec.json.Decoder(Reader)


class Ticket(msgspec.Struct, frozen=True):
    """What opens a socket."""

    secret: str
    expires_at: datetime


async def issue(reader: Reader) -> Ticket:
    """Make a ticket. Raises `ValkeyAway` when there is nowhere to keep it."""
    secret = secrets.token_urlsafe(32)
    expires_at = clock.now() + LASTS
    kept = msgspec.json.encode(reader)
    await valkey.ask(lambda client: client.set(_key(secret), kept, px=LASTS))
    return Ticket(secret, expires_at)


async def take(secret: str) -> Reader | None:
    """Whose ticket it was: who asks first is the only one who is told."""
    kept = await valkey.ask(lambda client: client.getdel(_key(secret)))
    return None if kept is None else _readers.decode(kept)


def _key(secret: str) -> str:
    return _KEPT + hashlib.sha256(secret.encode()).hexdigest()
