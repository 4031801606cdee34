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
    """How long nobody sends after the fault has come so many times in a row."""
    return _wait(SHORTEST_HOLD, refused, times)


def pause(refused: Refused, times: int) -> timedelta:
    """How long this message waits after so many tries."""
    return _wait(SHORTEST_PAUSE, refused, times)


def _wait(shortest: float, refused: Refused, times: int) -> timedelta:
    """Never less than was asked for; and not everybody at the same moment."""
    doubled = shortest * 2 ** min(max(times - 1, 0), MOST_DOUBLINGS)
    asked = refused.retry_after
    seconds = min(doubled, LONGEST_WAIT) if asked is None else min(asked, LONGEST_WAIT)
    return timedelta(seconds=seconds * random.uniform(1.0, 1.25))  # noqa: S311
