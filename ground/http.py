"""What the routes of all packages share: problems, pages, and answers that many may keep."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar import Request, Response
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import QueryParameter
from msgspec import Meta

from ground.errors import AmbassadeError, FieldError
from ground.languages import Language, preferred

T = TypeVar("T")
PROBLEM = "application/problem+json"
JSON = "application/json"
_to_json = msgspec.json.Encoder().encode
REQUEST_ID = "5f1c9a7e0b6d4c2f8a3e71d0"
# For `opt={"body_limit": MEBIBYTE}`.
MEBIBYTE = 1024 * 1024

Limit = Annotated[int, QueryParameter(ge=1, le=100, description="How many items at most.")]
CursorParameter = Annotated[
    str | None,
    QueryParameter(max_length=400, description="The `next_cursor` of the page before this one."),
]


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What went wrong (RFC 9457)."""

    type: Annotated[
        str, Meta(description="A page about this `code`.", examples=["/docs/errors#invalid"])
    ]
    title: Annotated[
        str,
        Meta(
            description="The same for every problem of its code.",
            examples=["Some values are not acceptable"],
        ),
    ]
    status: Annotated[int, Meta(description="The status of the answer.", examples=[422])]
    code: Annotated[
        str, Meta(description="Stable, to be compared by programs.", examples=["invalid"])
    ]
    detail: Annotated[
        str, Meta(description="What it is about this time.", examples=["Two values are wrong."])
    ] = ""
    request_id: Annotated[
        str, Meta(description="Quote it when you ask for help.", examples=[REQUEST_ID])
    ] = ""
    errors: Annotated[
        tuple[FieldError, ...], Meta(description="Which values are wrong, and why.")
    ] = ()


class Page(msgspec.Struct, Generic[T], kw_only=True):
    """A part of a list. `next_cursor` leads to the next part and is null at the end."""

    items: list[T]
    next_cursor: Annotated[str | None, Meta(examples=["WzQyXQ"])] = None


def problem_type(error: type[AmbassadeError]) -> str:
    """The address of the page about a code, relative to the API's own."""
    return f"/docs/errors#{error.code}"


def problem_responses(*errors: type[AmbassadeError]) -> dict[int, ResponseSpec]:
    """For `responses=`: what a route may answer beside success and the errors of all routes."""
    by_status = defaultdict(list)
    for error in errors:
        by_status[int(error.status)].append(error)
    return {status: _response_spec(same) for status, same in by_status.items()}


def _response_spec(errors: list[type[AmbassadeError]]) -> ResponseSpec:
    return ResponseSpec(
        Problem,
        description="\n".join(f"- `{error.code}`: {error.title}." for error in errors),
        media_type=PROBLEM,
        generate_examples=False,
        examples=[Example(id=error.code, value=_example(error)) for error in errors],
    )


def _example(error: type[AmbassadeError]) -> dict[str, Any]:
    problem = Problem(
        type=problem_type(error),
        title=error.title,
        status=int(error.status),
        code=error.code,
        request_id=REQUEST_ID,
    )
    example: dict[str, Any] = msgspec.to_builtins(problem)
    return example


def language_of(request: Request[Any, Any, Any]) -> Language:
    """What to speak to who asks."""
    header = _header(request, b"accept-language")
    return preferred(header, otherwise=request.app.state.settings.default_locale)


def _header(request: Request[Any, Any, Any], wanted: bytes) -> str:
    # Litestar's `headers` reads all of them for the one that is asked for.
    for name, value in request.scope["headers"]:
        if name == wanted:
            return value.decode("latin-1")
    return ""


class Ready(Response[T]):
    """An answer whose bytes are there: Litestar's own would go through them and its headers."""

    def __init__(self, body: bytes, headers: Sequence[tuple[bytes, bytes]], status: int) -> None:
        super().__init__(content=None, status_code=status)  # type: ignore[arg-type]
        self._start = {"type": "http.response.start", "status": status, "headers": [*headers]}
        self._body = {"type": "http.response.body", "body": body, "more_body": False}

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - as Litestar calls it
        """Itself."""
        return self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401, ARG002
        """Answer, as ASGI has it."""
        await send(self._start)
        await send(self._body)


def shared(request: Request[Any, Any, Any], view: T, *, seconds: int = 30) -> Response[T]:
    """An answer that many readers may keep for a while: with an ETag, and 304 for who has it."""
    return _tagged(request, view, f"public, max-age={seconds}".encode())


def own(request: Request[Any, Any, Any], view: T) -> Response[T]:
    """An answer for one reader, who asks each time whether it still holds: with an ETag."""
    return _tagged(request, view, b"private, no-cache")


def _tagged(request: Request[Any, Any, Any], view: T, cache_control: bytes) -> Response[T]:
    body = _to_json(view)
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = [
        (b"etag", etag.encode()),
        (b"cache-control", cache_control),
        (b"vary", b"Accept-Language, Authorization"),
    ]
    if _holds(_header(request, b"if-none-match"), etag):
        return Ready(b"", headers, HTTPStatus.NOT_MODIFIED)
    headers += [
        (b"content-type", JSON.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    return Ready(body, headers, HTTPStatus.OK)


def _holds(if_none_match: str, etag: str) -> bool:
    if not if_none_match:
        return False
    given = {candidate.strip().removeprefix("W/") for candidate in if_none_match.split(",")}
    return etag in given or "*" in given
