"""Which other origins a browser lets read our answers: exactly those of the settings."""

from server.asgi import App, Message, Receive, Scope, Send, header
from server.config import Settings

METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
MAY_SEND = (
    b"Authorization, Content-Type, Accept-Language, Idempotency-Key, If-None-Match, "
    b"X-API-Key, X-Request-ID"
)
MAY_READ = b"ETag, Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"
A_DAY = b"86400"
# Where a publishable key says which origins are welcome.
FOR_SITES = ("/v1/public/", "/widget/")
TICKETS = "/v1/live/tickets"


class Cors:
    """Answers preflights, and names an allowed origin on other answers. Never with credentials."""

    def __init__(self, app: App, settings: Settings) -> None:
        self.app = app
        self.origins = {origin.rstrip("/") for origin in settings.cors_origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = header(scope, b"origin") if scope["type"] == "http" else None
        if origin is None or not self.origins or is_for_sites(scope):
            await self.app(scope, receive, send)
            return
        allowed = origin in self.origins or "*" in self.origins
        if _is_preflight(scope):
            await _answer_preflight(origin if allowed else None, send)
            return

        async def send_with_origin(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"vary", b"Origin")]
                if allowed:
                    message["headers"] += [
                        (b"access-control-allow-origin", origin.encode("latin-1")),
                        (b"access-control-expose-headers", MAY_READ),
                    ]
            await send(message)

        await self.app(scope, receive, send_with_origin)


def is_for_sites(scope: Scope) -> bool:
    """Whether pages of public sites ask for it, with a key of theirs."""
    path: str = scope["path"]
    return path.startswith(FOR_SITES) or (path == TICKETS and b"key=" in scope["query_string"])


async def _answer_preflight(origin: str | None, send: Send) -> None:
    headers = [(b"vary", b"Origin"), (b"content-length", b"0")]
    if origin is not None:
        headers += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", MAY_SEND),
            (b"access-control-max-age", A_DAY),
        ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _is_preflight(scope: Scope) -> bool:
    asks = header(scope, b"access-control-request-method") is not None
    return scope["method"] == "OPTIONS" and asks
