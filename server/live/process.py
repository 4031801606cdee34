"""The live process, from its start until it is told to stop."""

import asyncio
import signal
import socket

import structlog

from server.config import Settings
from server.connections import connected, redis_url_of
from server.live.serving import Live

log = structlog.get_logger(__name__)


async def run_live(settings: Settings, listener: socket.socket) -> None:
    """Serve sockets until SIGTERM. /health/ready says 503 from that moment on."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with connected(settings):
        live = Live(settings, redis_url_of(settings))
        async with live.serving(listener):
            log.info("live_ready")
            await stop.wait()
            live.health.drain()
            await asyncio.sleep(settings.drain_seconds)
    log.info("live_stopped")
