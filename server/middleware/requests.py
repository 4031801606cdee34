"""The outermost layer: an id, a name in the log and a line in the metrics for every request."""

import re
import secrets
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

import structlog
from litestar import Litestar
from litestar.routes import HTTPRoute

from server import metrics
from server.asgi import App, Message, Receive, Scope, Send, header
from server.logging import redacted, request_log

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
CLIENT_LEFT = 499
KNOWN_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
Headers: TypeAlias = list[tuple[bytes, bytes]]


class RequestRecord:
    """Gives each request its id, and says afterwards how it went."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = request_id_for(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        status = CLIENT_LEFT

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                message["headers"] = [
                    *message.get("headers", []),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        # Anybody can make up methods, and each would be a figure of its own.
        method = scope["method"] if scope["method"] in KNOWN_METHODS else "OTHER"
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started
            route = scope.get("path_template") or metrics.UNROUTED
            metrics.count_request(method, route, status, seconds)
            request_log().note(method, route, status, round(seconds * 1000, 2), request_id)


def request_id_for(scope: Scope) -> str:
    """The caller's id if it is harmless, also in a log, else a new one."""
    given = header(scope, b"x-request-id")
    if given is not None and _SANE_ID.fullmatch(given) and redacted(given) == given:
        return given
    return secrets.token_hex(12)


class Methods:
    """Answers HEAD as GET without the body, and names all methods of an address in `Allow`.

    So no route has to think of either. Litestar's own OPTIONS names those of one handler only.
    """

    def __init__(self, app: App, methods: Mapping[str, set[str]]) -> None:
        self.app = app
        self.methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"HEAD", "OPTIONS"}:
            await self.app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        # A copy: the server looks at its own to know that a HEAD has no body.
        inner = {**scope, "method": "GET"} if is_head else scope

        async def send_adapted(message: Message) -> None:
            if is_head and message["type"] == "http.response.body":
                message["body"] = b""
            if not is_head and message["type"] == "http.response.start":
                message["headers"] = self._with_allow(inner, message.get("headers", []))
            await send(message)

        await self.app(inner, receive, send_adapted)
        scope["path_template"] = inner.get("path_template")

    def _with_allow(self, scope: Scope, headers: Headers) -> Headers:
        allowed = self.methods.get(scope.get("path_template") or "")
        if allowed is None:
            return headers
        others = [(name, value) for name, value in headers if name != b"allow"]
        return [*others, (b"allow", ", ".join(sorted(allowed)).encode())]


def methods_of(app: Litestar) -> dict[str, set[str]]:
    """The methods of each address."""
    found: dict[str, set[str]] = defaultdict(lambda: {"OPTIONS"})
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            found[route.path_format] |= {str(method) for method in route.methods}
    for methods in found.values():
        if "GET" in methods:
            methods.add("HEAD")
    return dict(found)
