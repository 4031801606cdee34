"""The outermost layer: an id, a name in the log and a line in the metrics for every request."""

import re
import secrets
import time

import structlog

from server import metrics
from server.asgi import App, Message, Receive, Scope, Send, header

log = structlog.get_logger("server.access")
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
CLIENT_LEFT = 499


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
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        status = CLIENT_LEFT

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", []),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        method = scope["method"]
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started
            route = scope.get("path_template") or metrics.UNROUTED
            metrics.count_request(method, route, status, seconds)
            log.info(
                "request", method=method, route=route, status=status, ms=round(seconds * 1000, 2)
            )


def request_id_for(scope: Scope) -> str:
    """The caller's id if it is harmless, else a new one."""
    given = header(scope, b"x-request-id") or ""
    return given if _SANE_ID.fullmatch(given) else secrets.token_hex(12)


class HeadAsGet:
    """Answers HEAD as GET without the body: no route has to think of it."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        scope["method"] = "GET"
        await self.app(scope, receive, send_without_body)
