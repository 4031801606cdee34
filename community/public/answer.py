"""Answers for public sites: the same bytes for everybody, and who is welcome to read them."""

import hashlib
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response

from ground.http import JSON

T = TypeVar("T")

CACHE: Final = "public, max-age=30"
# Where an answer says to the layers around it which origins are welcome.
WELCOME: Final = "welcome_origins"


def answer_for_sites(
    request: Request[Any, Any, Any], view: T, origins: frozenset[str]
) -> Response[T]:
    """An answer that shared caches may keep. Whoever asks isn't looked at."""
    body = msgspec.json.encode(view)
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    request.scope["state"][WELCOME] = origins
    headers = {"ETag": etag, "Cache-Control": CACHE}
    return Response(body, media_type=JSON, headers=headers, status_code=HTTPStatus.OK)  # type: ignore[arg-type]
