"""Whether the process lives, and whether it should be sent requests."""

import asyncio
from http import HTTPStatus
from typing import Literal, TypeAlias

import asyncpg
import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency

from ground import valkey
from ground.engine import fetchval, is_away
from server import schema
from server.errors import AWAY

PATIENCE_SECONDS = 1.0
Presence: TypeAlias = Literal["there", "away"]
UNOBSERVED = {"public": True, "credentials": "ignored", "limit": None}


class Alive(msgspec.Struct):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Readiness(msgspec.Struct, kw_only=True):
    """What the process needs, and whether it is there."""

    status: Literal["ready", "not_ready", "draining"]
    postgresql: Presence = "there"
    migrations: Literal["applied", "pending", "unknown"] = "applied"
    # Without it limits are counted here alone and boards are slower, and nothing is lost.
    valkey: Presence = "there"


class Health:
    """What readiness knows beside what it asks."""

    def __init__(self) -> None:
        self.draining = False
        # Migrations only ever go forwards, so one look that finds none pending is enough.
        self._migrated = False

    def drain(self) -> None:
        """Ask for no more requests: the process is about to stop."""
        self.draining = True

    async def readiness(self) -> Readiness:
        """Look at everything now."""
        valkey_there: Presence = "there" if await _valkey_answers() else "away"
        if self.draining:
            return Readiness(status="draining", valkey=valkey_there)
        if not await _postgresql_answers():
            return Readiness(
                status="not_ready", postgresql="away", migrations="unknown", valkey=valkey_there
            )
        if not await self._is_migrated():
            return Readiness(status="not_ready", migrations="pending", valkey=valkey_there)
        return Readiness(status="ready", valkey=valkey_there)

    async def _is_migrated(self) -> bool:
        if not self._migrated:
            self._migrated = not await schema.pending()
        return self._migrated


async def _postgresql_answers() -> bool:
    if is_away():
        return False
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return bool(await fetchval("SELECT true"))
    except (*AWAY, asyncpg.PostgresError, OSError):
        return False


async def _valkey_answers() -> bool:
    try:
        return bool(await valkey.ask(lambda client: client.ping(), within=PATIENCE_SECONDS))
    except (valkey.ValkeyAway, valkey.ValkeyNotOpen):
        return False


class HealthController(Controller):
    path = "/health"
    tags = ("operation",)

    @get("/live", opt=UNOBSERVED)
    async def live(self) -> Alive:
        """Whether the process answers at all.

        A supervisor starts it again when it doesn't.
        """
        return Alive()

    @get("/ready", opt=UNOBSERVED)
    async def ready(self, health: NamedDependency[Health]) -> Response[Readiness]:
        """Whether to send requests here.

        503 while PostgreSQL is away, while migrations are pending, and from the moment on which
        the process begins to stop. Without Valkey it stays ready.
        """
        readiness = await health.readiness()
        is_ready = readiness.status == "ready"
        return Response(
            readiness,
            status_code=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE,
            headers={"Cache-Control": "no-store"},
        )
