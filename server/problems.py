"""Every failure becomes one problem+json answer, and what it hides goes to the log."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from ground.errors import AmbassadeError
from ground.http import PROBLEM, Problem, problem_type
from server.asgi import Scope, Send
from server.errors import CredentialsInvalid, Unexpected, told_as

log = structlog.get_logger(__name__)


def handle(request: Request[Any, Any, Any], failure: Exception) -> Response[bytes]:
    """Litestar's exception handler for everything."""
    error = told_as(failure)
    note(error, failure)
    request.scope["state"]["failure"] = failure
    headers = headers_of(error)
    if isinstance(failure, HTTPException) and failure.headers:
        headers |= {name.title(): value for name, value in failure.headers.items()}
    return Response(
        rendered(error, _request_id(request.scope["state"])),
        status_code=int(error.status),
        headers=headers,
        media_type=PROBLEM,
    )


async def answer(failure: Exception, scope: Scope, send: Send) -> None:
    """The same outside of Litestar's routes."""
    error = told_as(failure)
    note(error, failure)
    headers = headers_of(error) | {"Content-Type": PROBLEM}
    body = rendered(error, _request_id(scope.get("state", {})))
    headers["Content-Length"] = str(len(body))
    await send(
        {
            "type": "http.response.start",
            "status": int(error.status),
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


def spoken(error: AmbassadeError) -> bytes:
    """A whole answer, for a connection on which nothing more is understood."""
    body = rendered(error, "")
    headers = headers_of(error) | {
        "Content-Type": PROBLEM,
        "Content-Length": str(len(body)),
        "X-Content-Type-Options": "nosniff",
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {int(error.status)} {HTTPStatus(error.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _request_id(state: Mapping[str, Any]) -> str:
    return str(state.get("request_id", ""))


def rendered(error: AmbassadeError, request_id: str) -> bytes:
    """The body of a problem."""
    problem = Problem(
        type=problem_type(type(error)),
        title=error.title,
        status=int(error.status),
        code=error.code,
        detail=error.detail,
        request_id=request_id,
        errors=error.errors,
    )
    return msgspec.json.encode(problem)


def headers_of(error: AmbassadeError) -> dict[str, str]:
    """What a problem says beside its body."""
    headers = {"Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.status == HTTPStatus.UNAUTHORIZED:
        invalid = ', error="invalid_token"' if isinstance(error, CredentialsInvalid) else ""
        headers["WWW-Authenticate"] = f'Bearer realm="ambassade"{invalid}'
    return headers


def note(error: AmbassadeError, failure: Exception) -> None:
    """Log what a caller isn't told."""
    if error is failure or error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return
    if isinstance(error, Unexpected):
        log.error("unexpected_failure", exc_info=failure)
    else:
        log.warning("unavailable", reason=type(failure).__name__)
