"""Which errors the sandbox answers with: asked for by a token's name, or for a while for all."""

from enum import StrEnum
from http import HTTPStatus
from typing import Final

import msgspec

from server.sandbox.wanted import Refusal, argument


class Trouble(StrEnum):
    """What can go wrong with a message."""

    UNREGISTERED = "unregistered"
    INVALID = "invalid"
    BAD_MESSAGE = "bad_message"
    SENDER_ID_MISMATCH = "sender_id_mismatch"
    THIRD_PARTY_AUTH_ERROR = "third_party_auth_error"
    QUOTA_EXCEEDED = "quota_exceeded"
    UNAUTHENTICATED = "unauthenticated"
    PERMISSION_DENIED = "permission_denied"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"
    # No answer at all; then what no API of Google's would say.
    SILENCE = "silence"
    CUT = "cut"
    BROKEN = "broken"
    HTML = "html"
    HUGE = "huge"
    REDIRECT = "redirect"
    # A status of success around an error, and around nothing.
    ERROR_IN_SUCCESS = "error_in_success"


class Behaviour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the sandbox answers: so many times, or until it is told otherwise."""

    trouble: Trouble | None = None
    times: int | None = None
    retry_after: int | None = None
    think_milliseconds: int = 0
    # Nobody gets an access token.
    no_tokens: bool = False


REFUSALS: Final = {
    Trouble.UNREGISTERED: Refusal(
        HTTPStatus.NOT_FOUND, "NOT_FOUND", "Requested entity was not found.", code="UNREGISTERED"
    ),
    Trouble.INVALID: argument(
        "The registration token is not a valid FCM registration token", "message.token"
    ),
    Trouble.BAD_MESSAGE: argument("Invalid value", "message.android.notification"),
    Trouble.SENDER_ID_MISMATCH: Refusal(
        HTTPStatus.FORBIDDEN, "PERMISSION_DENIED", "SenderId mismatch", code="SENDER_ID_MISMATCH"
    ),
    Trouble.THIRD_PARTY_AUTH_ERROR: Refusal(
        HTTPStatus.UNAUTHORIZED,
        "UNAUTHENTICATED",
        "Auth error from APNS or Web Push Service",
        code="THIRD_PARTY_AUTH_ERROR",
    ),
    Trouble.QUOTA_EXCEEDED: Refusal(
        HTTPStatus.TOO_MANY_REQUESTS,
        "RESOURCE_EXHAUSTED",
        "Sending limit exceeded",
        code="QUOTA_EXCEEDED",
    ),
    Trouble.UNAUTHENTICATED: Refusal(
        HTTPStatus.UNAUTHORIZED,
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials.",
    ),
    Trouble.PERMISSION_DENIED: Refusal(
        HTTPStatus.FORBIDDEN, "PERMISSION_DENIED", "The caller does not have permission"
    ),
    Trouble.UNAVAILABLE: Refusal(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "UNAVAILABLE",
        "The server is overloaded",
        code="UNAVAILABLE",
    ),
    Trouble.INTERNAL: Refusal(
        HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL", "An unknown error occurred", code="INTERNAL"
    ),
}


def asked_for_by(token: str) -> Trouble | None:
    """The trouble that a token's name begins with, such as `unregistered-...`."""
    prefix = token.partition("-")[0]
    return Trouble(prefix) if prefix in set(Trouble) else None
