"""What Prometheus reads. Routes are named by their template, so that no id becomes a label."""

from functools import cache
from http import HTTPStatus
from ipaddress import ip_address
from math import nan
from secrets import compare_digest
from typing import Any

import asyncpg
from litestar import Controller, Request, Response, get
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from ground import valkey
from ground.engine import DB, PoolNotOpen
from ground.errors import NotFound
from notifications.announcements.history import waiting_seconds
from notifications.push import gate
from server.config import Settings
from server.errors import AWAY

REGISTRY = CollectorRegistry()
UNROUTED = "unrouted"

REQUESTS = Counter(
    "ambassade_http_requests", "Requests answered", ["method", "route", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "ambassade_http_request_seconds",
    "Time from request to answer",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
LIMITED = Counter(
    "ambassade_limited_requests", "Requests refused by a rate limit", ["limit"], registry=REGISTRY
)
LOCAL_LIMITS = Counter(
    "ambassade_locally_limited_requests",
    "Requests counted in this process alone, since Valkey was away",
    registry=REGISTRY,
)
REPLAYED = Counter(
    "ambassade_replayed_requests", "Requests answered from their first run", registry=REGISTRY
)


WAITING = Gauge(
    "ambassade_announcements_waiting_seconds",
    "For how long the oldest has waited that was announced and isn't published",
    registry=REGISTRY,
)


def _connections(in_use: bool) -> float:
    if DB.pool is None:
        return 0
    idle = DB.pool.get_idle_size()
    return DB.pool.get_size() - idle if in_use else idle


CONNECTIONS = Gauge(
    "ambassade_database_connections", "Connections of the pool", ["state"], registry=REGISTRY
)
CONNECTIONS.labels("in_use").set_function(lambda: _connections(in_use=True))
CONNECTIONS.labels("idle").set_function(lambda: _connections(in_use=False))
Gauge("ambassade_valkey_away", "1 while Valkey doesn't answer", registry=REGISTRY).set_function(
    valkey.is_away
)
PUSH_CLOSED = Gauge(
    "ambassade_push_closed", "1 while nothing is pushed", ["project", "because"], registry=REGISTRY
)


async def _look_at_pushes() -> None:
    """Whoever is to be woken when pushes stop reads it here. As before while PostgreSQL is away."""
    try:
        closed = await gate.closed()
    except AWAY:
        return
    PUSH_CLOSED.clear()
    for each in closed:
        PUSH_CLOSED.labels(each.project, each.stopped_because or each.held_because).set(1)


@cache
def _figures_of(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    # Finding the figures of labels costs more than counting.
    return REQUESTS.labels(method, route, status), SECONDS.labels(method, route)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    answered, took = _figures_of(method, route, status)
    answered.inc()
    took.observe(seconds)


class MetricsController(Controller):
    path = "/metrics"
    tags = ("operation",)

    @get(opt={"public": True, "credentials": "ignored", "limit": None}, include_in_schema=False)
    async def read(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Show this process's figures to its own machine, or to who has `METRICS_TOKEN`."""
        if not may_read(request, request.app.state.settings):
            raise NotFound
        await _look_at_pushes()
        WAITING.set(await _waiting_seconds())
        return Response(
            generate_latest(REGISTRY), status_code=HTTPStatus.OK, media_type=CONTENT_TYPE_LATEST
        )


async def _waiting_seconds() -> float:
    """Not a number while PostgreSQL doesn't say."""
    try:
        return await waiting_seconds()
    except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresError, PoolNotOpen):
        return nan


def may_read(request: Request[Any, Any, Any], settings: Settings) -> bool:
    """Whether the caller is on this machine itself, or has the token."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if settings.metrics_token is not None:
        return compare_digest(given.encode(), settings.metrics_token.encode())
    relayed = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    peer = request.client.host if request.client else ""
    return not relayed and _is_loopback(peer)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
