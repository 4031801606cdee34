"""What is refused before anybody looks for a route, and the headers that protect every answer."""

import re
from functools import lru_cache

from ground.errors import Invalid
from server import problems
from server.asgi import App, Message, Receive, Scope, Send
from server.config import Settings
from server.errors import HostUnknown

# Probes name a container's own address; these two build no address and tell nothing.
PROBES = {"/health/live", "/health/ready"}
_HOST = re.compile(r"([a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?")

_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-site"),
    (b"permissions-policy", b"interest-cohort=()"),
]
_NOTHING_LOADS = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_ONLY_HTTPS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class SecurityHeaders:
    """Adds to every answer what tells a browser to be careful with it."""

    def __init__(self, app: App, settings: Settings) -> None:
        self.app = app
        self.headers = [*_HEADERS, _ONLY_HTTPS] if settings.in_production else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", []))
                message["headers"] = [*own, *self.headers]
                if not any(name == _NOTHING_LOADS[0] for name, _ in own):
                    message["headers"].append(_NOTHING_LOADS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Gate:
    """Refuses hosts that aren't ours, and addresses with a NUL, which PostgreSQL can't hold."""

    def __init__(self, app: App, settings: Settings) -> None:
        self.app = app
        self.hosts = {host.lower() for host in settings.allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] not in PROBES and not self.answers_for(scope):
            await problems.answer(HostUnknown(), scope, send)
        elif "\0" in scope["path"] or b"%00" in scope["query_string"]:
            await problems.answer(Invalid("An address can't contain NUL."), scope, send)
        else:
            await self.app(scope, receive, send)

    def answers_for(self, scope: Scope) -> bool:
        """Whether the one `Host` header names us, whatever the port."""
        given = [value for name, value in scope["headers"] if name == b"host"]
        return len(given) == 1 and _name_in(given[0]) in self.hosts


@lru_cache(maxsize=1_000)
def _name_in(header: bytes) -> str | None:
    """The name or address in a `Host` header, without its port."""
    host = _HOST.fullmatch(header.decode("latin-1").lower())
    return host.group(1) if host is not None else None
