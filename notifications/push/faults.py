"""What can be wrong with a push, and what follows from it."""

import random
from datetime import timedelta
from enum import StrEnum
from typing import Final

import msgspec


class Fault(StrEnum):
    """Why Firebase didn't take a message, as far as something else follows from it."""

    # Its device is gone: forget the token.
    UNREGISTERED = "unregistered"
    # It never was one: forget the token.
    BAD_TOKEN = "bad_token"  # noqa: S105
    # The message itself is wrong, and would be for any device.
    BAD_MESSAGE = "bad_message"
    # The token is another project's. Nothing more is sent until somebody has looked.
    SENDER_ID_MISMATCH = "sender_id_mismatch"
    # Apple or a browser's maker refuses our certificate: likewise.
    THIRD_PARTY_AUTH = "third_party_auth_error"
    # The service account may not send: likewise.
    NOT_PERMITTED = "not_permitted"
    # Too many: nothing more is sent for a while.
    QUOTA_EXCEEDED = "quota_exceeded"
    # The access token isn't accepted, or can't be had.
    UNAUTHENTICATED = "unauthenticated"
    # Firebase isn't well, and says so.
    UNAVAILABLE = "unavailable"
    # It was never reached.
    UNREACHED = "unreached"
    # It may have taken the message: the answer didn't come, or makes no sense.
    UNCLEAR = "unclear"


FORGETS: Final = frozenset({Fault.UNREGISTERED, Fault.BAD_TOKEN})
STOPS: Final = frozenset({Fault.SENDER_ID_MISMATCH, Fault.THIRD_PARTY_AUTH, Fault.NOT_PERMITTED})
# They concern everybody's messages alike.
HOLDS: Final = frozenset({Fault.QUOTA_EXCEEDED, Fault.UNAUTHENTICATED})
FINAL: Final = FORGETS | {Fault.BAD_MESSAGE}

SHORTEST_HOLD: Final = 60.0
SHORTEST_PAUSE: Final = 10.0
LONGEST_WAIT: Final = 6 * 3600.0
MOST_DOUBLINGS: Final = 12


class Refused(msgspec.Struct, frozen=True):
    """A message that wasn't taken, or perhaps wasn't. `retry_after` is Firebase's own word."""

    fault: Fault
    retry_after: float | None = None


class Taken(msgspec.Struct, frozen=True):
    """A message that Firebase took, and what it calls it."""

    name: str


def hold(refused: Refused, times: int) -> timedelta:
    """How long nobody sends after it was too much so many times in a row."""
    asked = refused.retry_after
    return _jittered(_doubled(SHORTEST_HOLD, times) if asked is None else asked)


def pause(refused: Refused, times: int) -> timedelta:
    """How long to wait after so many tries in vain."""
    return _jittered(max(_doubled(SHORTEST_PAUSE, times), refused.retry_after or 0.0))


def _doubled(shortest: float, times: int) -> float:
    return shortest * 2.0 ** min(max(times - 1, 0), MOST_DOUBLINGS)


def _jittered(seconds: float) -> timedelta:
    """Never less than that; and not everybody at the same moment."""
    return timedelta(seconds=min(seconds, LONGEST_WAIT) * random.uniform(1.0, 1.25))  # noqa: S311
