"""Nobody overwrites what they haven't seen: changes name the `ETag` that they are based on."""

from http import HTTPStatus
from typing import Annotated

from litestar.params import HeaderParameter

from ground.errors import AmbassadeError

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", max_length=200, description="The `ETag` that the change is based on."
    ),
]
IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-None-Match", max_length=200, description="`*` for what isn't there yet."
    ),
]


class PreconditionMissing(AmbassadeError):
    """A change without a word on what it is based on, which could overwrite another's."""

    status = HTTPStatus.PRECONDITION_REQUIRED
    code = "precondition_missing"
    title = "Say what you have seen: If-Match with its ETag, or If-None-Match: * for a new one"


class PreconditionFailed(AmbassadeError):
    """Somebody else changed it since the caller read it."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "precondition_failed"
    title = "It has changed since you read it: read it again"


def require_seen(etag: str | None, *, if_match: str | None, if_none_match: str | None) -> None:
    """Raise unless the caller has seen what is there now, or nothing if there is nothing."""
    if if_match is None and if_none_match is None:
        raise PreconditionMissing
    if if_none_match is not None and (etag is not None or if_none_match.strip() != "*"):
        raise PreconditionFailed
    if if_match is not None and if_match.strip() not in {etag, "*" if etag else etag}:
        raise PreconditionFailed
