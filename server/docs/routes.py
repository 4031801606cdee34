"""The documentation over HTTP."""

from importlib import resources
from typing import Any

import msgspec
from litestar import Controller, MediaType, Request, Response, get

from server.docs import pages
from server.openapi.document import document

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "public, max-age=300",
}


class Documents:
    """What is rendered once, since it can't change while the process lives."""

    def __init__(self) -> None:
        self._made: dict[str, bytes] = {}

    def get(self, name: str, request: Request[Any, Any, Any]) -> bytes:
        if not self._made:
            described = document(request.app, request.app.state.settings)
            self._made = {
                "openapi": msgspec.json.encode(described),
                "api": pages.api_page(described).encode(),
                "errors": pages.errors_page(described).encode(),
            }
        return self._made[name]


class DocsController(Controller):
    path = "/"
    include_in_schema = False
    opt = {"public": True, "credentials": "ignored"}  # noqa: RUF012

    @get("/openapi.json")
    async def openapi(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """The OpenAPI document."""
        return _answer("openapi", request, MediaType.JSON)

    @get("/docs")
    async def api(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """The API, for reading."""
        return _answer("api", request, MediaType.HTML)

    @get("/docs/errors")
    async def errors(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Every error code."""
        return _answer("errors", request, MediaType.HTML)

    @get("/docs/docs.css")
    async def style(self) -> Response[bytes]:
        """How the pages look."""
        css = resources.files("server.docs").joinpath("docs.css").read_bytes()
        return Response(css, media_type=MediaType.CSS, headers=HEADERS)


def _answer(name: str, request: Request[Any, Any, Any], media_type: MediaType) -> Response[bytes]:
    documents: Documents = request.app.state.documents
    return Response(documents.get(name, request), media_type=media_type, headers=HEADERS)
