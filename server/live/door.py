"""The handshake: who may open a socket at all. Health and figures answer here too."""

from collections import Counter
from collections.abc import Collection
from http import HTTPStatus
from ipaddress import ip_address
from secrets import compare_digest
from typing import Final

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from server.config import Settings
from server.health import Alive, Health
from server.live.addresses import PATH, own_origin
from server.live.figures import REFUSED
from server.metrics import REGISTRY
from server.middleware.addresses import client_address, limit_key

JSON: Final = "application/json"


class Door:
    """Looks at requests before they become sockets."""

    def __init__(self, settings: Settings, health: Health) -> None:
        self.settings = settings
        self.health = health
        self.origins = {origin.rstrip("/") for origin in settings.cors_origins}
        self.origins.add(own_origin(settings))
        # Of the sites whose keys are in use: read again and again beside.
        self.origins_of_sites: Collection[str] = frozenset()
        self.hosts = {host.lower() for host in settings.allowed_hosts}
        # Sockets that have shown no ticket yet, by where they come from.
        self.strangers: Counter[str] = Counter()

    async def look(self, connection: ServerConnection, request: Request) -> Response | None:
        """An answer to what isn't to become a socket; None lets it in."""
        match request.path:
            case "/health/live":
                return _answer(HTTPStatus.OK, msgspec.json.encode(Alive()), JSON)
            case "/health/ready":
                return await self._readiness()
            case "/metrics":
                return self._figures(connection, request)
        refusal = self.refusal(request, self.address(connection, request))
        if refusal is None:
            return None
        REFUSED.labels(int(refusal)).inc()
        return _answer(refusal, refusal.phrase.encode(), "text/plain; charset=utf-8")

    def refusal(self, request: Request, address: str) -> HTTPStatus | None:
        """Why a handshake is refused. A query is no part of our address: it could hold a secret."""
        headers = request.headers
        if request.path != PATH:
            return HTTPStatus.NOT_FOUND
        if not self._answers_for(headers.get_all("Host")):
            return HTTPStatus.MISDIRECTED_REQUEST
        if not self._welcomes(headers.get_all("Origin")):
            return HTTPStatus.FORBIDDEN
        if self.health.draining:
            return HTTPStatus.SERVICE_UNAVAILABLE
        if self.strangers[address] >= self.settings.live_strangers_per_address:
            return HTTPStatus.TOO_MANY_REQUESTS
        return None

    def address(self, connection: ServerConnection, request: Request) -> str:
        """What strangers are counted by."""
        named = request.headers.get_all("X-Forwarded-For")
        scope = {
            "client": connection.remote_address,
            "headers": [(b"x-forwarded-for", value.encode("latin-1")) for value in named],
        }
        return limit_key(client_address(scope, self.settings.trusted_proxy))

    def _answers_for(self, hosts: list[str]) -> bool:
        if len(hosts) != 1:
            return False
        name, _, port = hosts[0].lower().rpartition(":")
        return hosts[0].lower() in self.hosts or (port.isdigit() and name in self.hosts)

    def _welcomes(self, origins: list[str]) -> bool:
        """Apps name no origin. A page's must be one of ours, letter by letter."""
        if not origins:
            return True
        if len(origins) > 1:
            return False
        [origin] = origins
        return origin in self.origins or origin in self.origins_of_sites or "*" in self.origins

    async def _readiness(self) -> Response:
        readiness = await self.health.readiness()
        is_ready = readiness.status == "ready"
        status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        return _answer(status, msgspec.json.encode(readiness), JSON)

    def _figures(self, connection: ServerConnection, request: Request) -> Response:
        if not self._may_see_figures(connection, request.headers):
            return _answer(HTTPStatus.NOT_FOUND, b"", "text/plain; charset=utf-8")
        return _answer(HTTPStatus.OK, generate_latest(REGISTRY), CONTENT_TYPE_LATEST)

    def _may_see_figures(self, connection: ServerConnection, headers: Headers) -> bool:
        token = self.settings.metrics_token
        if token is not None:
            given = headers.get_all("Authorization")
            sent = given[0].removeprefix("Bearer ") if len(given) == 1 else ""
            return compare_digest(sent.encode(), token.encode())
        relayed = "X-Forwarded-For" in headers or "Forwarded" in headers
        return not relayed and ip_address(connection.remote_address[0]).is_loopback


def _answer(status: HTTPStatus, body: bytes, kind: str) -> Response:
    headers = Headers()
    headers["Content-Type"] = kind
    headers["Content-Length"] = str(len(body))
    headers["Cache-Control"] = "no-store"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Connection"] = "close"
    return Response(int(status), status.phrase, headers, body)
