"""The connections of a process that serves: opened at its start, or when there is a server."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from litestar import Litestar

from ground.engine import close_pool, connect_to, open_pool
from ground.valkey import close_valkey, open_valkey
from server.config import Settings
from server.draining import draining
from server.errors import AWAY
from server.logging import settle_logging

log = structlog.get_logger(__name__)
PAUSE_SECONDS = 0.5
LOCAL_VALKEY = "redis://localhost:6379/0"
# How many new objects there are before the collector looks for circles among them. A batch makes
# hundreds of thousands, and hardly a circle: by default a fifth of its time goes there.
OBJECTS_BEFORE_COLLECTING = 50_000


@asynccontextmanager
async def connections(app: Litestar) -> AsyncIterator[None]:
    """Litestar's lifespan."""
    settings: Settings = app.state.settings
    try:
        async with connected(settings):
            with draining(app.state.health, settings.drain_seconds):
                yield
    finally:
        app.state.verifier.close()


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[None]:
    """Pool and client, for the block. An outage at the start makes a process unready, not dead."""
    settle_logging()
    _settle_memory()
    if settings.database_url:
        connect_to(settings.database_url)
    open_valkey(redis_url_of(settings))
    opening = None
    if not await _opened(settings):
        opening = asyncio.create_task(_open_when_there(settings))
    try:
        yield
    finally:
        if opening is not None:
            opening.cancel()
            with suppress(asyncio.CancelledError):
                await opening
        await close_valkey()
        await close_pool()


def redis_url_of(settings: Settings) -> str:
    """Where Valkey is."""
    return settings.redis_url or LOCAL_VALKEY


def _settle_memory() -> None:
    """What is there at the start stays: the collector needn't go through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING, 20, 50)


async def _opened(settings: Settings) -> bool:
    try:
        await open_pool(max_size=settings.pool_size)
    except (*AWAY, OSError) as failure:
        log.warning("postgresql_away", reason=type(failure).__name__)
        return False
    return True


async def _open_when_there(settings: Settings) -> None:
    while not await _opened(settings):  # noqa: ASYNC110
        await asyncio.sleep(PAUSE_SECONDS)
    log.info("postgresql_there")
