"""What can go wrong before or around a route, and what failures of others are told as."""

import re
import socket
from http import HTTPStatus

import asyncpg
import msgspec
from litestar.exceptions import HTTPException, NotAuthorizedException, ValidationException

from ground.engine import PoolNotOpen
from ground.errors import AmbassadeError, FieldError, Invalid, NotAllowed, NotFound

SOON = 2
_NOT_THERE = re.compile(r"Missing required (?P<where>\w+) parameter '(?P<name>[^']+)'")


class Malformed(AmbassadeError):
    """Not JSON, or not even a request."""

    code = "malformed"
    title = "The request can't be read"


class HostUnknown(AmbassadeError):
    """A request for a host that isn't ours."""

    status = HTTPStatus.MISDIRECTED_REQUEST
    code = "host_unknown"
    title = "This server doesn't answer for that host"


class SignInNeeded(AmbassadeError):
    """No credentials on a route that needs some."""

    status = HTTPStatus.UNAUTHORIZED
    code = "sign_in_needed"
    title = "Sign in first"


class CredentialsInvalid(AmbassadeError):
    """A token or key that is forged, foreign, revoked or out of date."""

    status = HTTPStatus.UNAUTHORIZED
    code = "credentials_invalid"
    title = "The token or key is not valid, or not any more"


class MethodNotAllowed(AmbassadeError):
    """The address exists and has no such method."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method_not_allowed"
    title = "This address has no such method"


class BodyTooSlow(AmbassadeError):
    """The body didn't arrive in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "body_too_slow"
    title = "The request didn't arrive in time"


class BodyTooLarge(AmbassadeError):
    """A body over the route's limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "body_too_large"
    title = "The request is too large"


class HeadTooLarge(AmbassadeError):
    """The address and the headers together are over the limit."""

    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    code = "head_too_large"
    title = "The address and the headers are too large"


class MediaTypeUnsupported(AmbassadeError):
    """A body that isn't announced as what the route takes, which is JSON almost everywhere."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "media_type_unsupported"
    title = "Send what the route takes, announced as such: application/json almost everywhere"


class TooManyRequests(AmbassadeError):
    """Over a limit."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_requests"
    title = "Too many requests"


class IdempotencyKeyInvalid(AmbassadeError):
    """A key that can't be one."""

    code = "idempotency_key_invalid"
    title = "An Idempotency-Key has 1 to 200 visible ASCII characters"


class Unavailable(AmbassadeError):
    """Something that is needed is away for a moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    title = "Try again in a moment"


class Unexpected(AmbassadeError):
    """A fault of ours. The log has the rest, under the request's id."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "unexpected"
    title = "Something went wrong on our side"


_BY_STATUS: dict[int, type[AmbassadeError]] = {
    400: Malformed,
    401: SignInNeeded,
    403: NotAllowed,
    404: NotFound,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    415: MediaTypeUnsupported,
    429: TooManyRequests,
    503: Unavailable,
}

# PostgreSQL isn't there, is going, is full, or didn't answer in time.
AWAY = (
    PoolNotOpen,
    TimeoutError,
    ConnectionError,
    socket.gaierror,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InsufficientResourcesError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
)
# PostgreSQL undid the transaction to untie it from another: the same again may well pass.
ENTANGLED = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


# The first line that fits says what a failure is told as.
_TOLD_AS: tuple[tuple[tuple[type[Exception], ...], AmbassadeError], ...] = (
    ((NotAuthorizedException,), SignInNeeded()),
    ((RecursionError, UnicodeError), Malformed()),
    # A value that fits no column, such as a number beyond 64 bits in an address.
    ((asyncpg.DataError,), Invalid()),
    (ENTANGLED, Unavailable(retry_after=1)),
    (AWAY, Unavailable(retry_after=SOON)),
)


def told_as(failure: Exception) -> AmbassadeError:
    """What a caller is told about a failure."""
    if isinstance(failure, AmbassadeError):
        return failure
    if isinstance(failure, ValidationException):
        return Invalid(errors=_wrong_parameters(failure.extra) or _missing(failure.detail))
    if isinstance(failure, HTTPException) and failure.status_code in _BY_STATUS:
        return _BY_STATUS[failure.status_code]()
    if type(failure) is OSError:
        return Unavailable(retry_after=SOON)
    fitting = (error for kinds, error in _TOLD_AS if isinstance(failure, kinds))
    return next(fitting, Unexpected())


def _wrong_parameters(extra: object) -> tuple[FieldError, ...]:
    """Litestar's messages about parameters: `?limit` points at one in the query."""
    try:
        messages = msgspec.convert(extra, list[dict[str, str]])
    except msgspec.ValidationError:
        return ()
    return tuple(
        FieldError(f"?{message['key']}" if "key" in message else "", message.get("message", ""))
        for message in messages
    )


def _missing(detail: str) -> tuple[FieldError, ...]:
    """Litestar says only in words which parameter isn't there."""
    found = _NOT_THERE.match(detail)
    if found is None:
        return ()
    where = "?" if found["where"] == "query" else ""
    return (FieldError(f"{where}{found['name']}", "is missing"),)
