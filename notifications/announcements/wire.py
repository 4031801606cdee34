"""What the relay says to the processes that hold sockets, on Valkey."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

# What was announced, in batches.
LIVE: Final = "ambassade:live"
# Rung after a COMMIT that announced something, so that the relay needn't wait for the clock.
BELL: Final = "ambassade:bell"
# Whose sockets are to be closed.
CUTS: Final = "ambassade:cuts"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An event at its position in a channel. Positions rise by one within an epoch."""

    channel: str
    epoch: str
    position: int
    type: str
    # JSON as it was written, handed through without a look.
    data: msgspec.Raw


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """A member whose sockets are to be closed, and the code that says why."""

    member_id: UUID
    why: str


_batch: Final = msgspec.json.Decoder(list[Said])
_cut: Final = msgspec.json.Decoder(Cut)


def packed(batch: Sequence[Said]) -> bytes:
    """A batch as it goes over the wire."""
    return msgspec.json.encode(batch)


def unpacked(message: bytes) -> list[Said]:
    """The batch in a message."""
    return _batch.decode(message)


def packed_cut(cut: Cut) -> bytes:
    """A cut as it goes over the wire."""
    return msgspec.json.encode(cut)


def unpacked_cut(message: bytes) -> Cut:
    """The cut in a message."""
    return _cut.decode(message)
