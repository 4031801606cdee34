"""The base of everything that can go wrong in a way a caller should be told."""

from http import HTTPStatus
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one value: an RFC 6901 pointer into the body, and why."""

    pointer: Annotated[str, Meta(examples=["/display_name"])]
    detail: Annotated[str, Meta(examples=["Expected `str`, got `int`."])]


class AmbassadeError(Exception):
    """Told to the caller as problem+json. A subclass is named after what went wrong."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "The request can't be carried out"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: tuple[FieldError, ...] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after


class Invalid(AmbassadeError):
    """Well-formed and wrong."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid"
    title = "Some values are not acceptable"


class NotFound(AmbassadeError):
    """Not there, or not the caller's to see."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    title = "Not found"


class NotAllowed(AmbassadeError):
    """The caller is known and may not do this."""

    status = HTTPStatus.FORBIDDEN
    code = "not_allowed"
    title = "Not allowed"


class Conflict(AmbassadeError):
    """Something else stands in the way."""

    status = HTTPStatus.CONFLICT
    code = "conflict"
    title = "This conflicts with the present state"


class CursorInvalid(AmbassadeError):
    """A cursor that this API didn't give out."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "cursor_invalid"
    title = "The cursor isn't one that this list gave out"
