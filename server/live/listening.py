"""The one Redis subscription of a process, which comes back by itself."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from notifications.announcements.wire import CUTS, LIVE

log = structlog.get_logger(__name__)

CONNECT_SECONDS: Final = 1.0
# After so much silence Redis is asked whether it is there, and given the same again to answer.
SILENCE_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 0.3
AWAY: Final = (RedisError, OSError, TimeoutError)


class Listener:
    """Hears `live` and `cuts`. Says when it hears again: what was said meanwhile is lost to it."""

    def __init__(
        self,
        url: str,
        *,
        on_said: Callable[[bytes], None],
        on_cut: Callable[[bytes], None],
        on_hearing: Callable[[], None],
    ) -> None:
        self.is_hearing = False
        self._url = url
        self._heard: dict[str, Callable[[bytes], None]] = {LIVE: on_said, CUTS: on_cut}
        self._on_hearing = on_hearing

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._listen()
            except AWAY as failure:
                if self.is_hearing:
                    log.warning("not_hearing", reason=type(failure).__name__)
                self.is_hearing = False
            await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self) -> None:
        client = Redis.from_url(
            self._url,
            socket_connect_timeout=CONNECT_SECONDS,
            # None of its own, as in `ground.valkey`: each wait here says how long it may last.
            socket_timeout=None,
            retry=Retry(NoBackoff(), 0),
            client_name="ambassade-live",
        )
        subscription: Any = client.pubsub()
        try:
            async with asyncio.timeout(2 * CONNECT_SECONDS):
                await subscription.subscribe(*self._heard)
            await self._hear(subscription)
        finally:
            with suppress(*AWAY):
                async with asyncio.timeout(CONNECT_SECONDS):
                    await subscription.aclose()
                    await client.aclose()

    async def _hear(self, subscription: Any) -> None:  # noqa: ANN401 - redis-py's isn't typed
        confirmed = 0
        is_asked = False
        while True:
            message = await subscription.get_message(timeout=SILENCE_SECONDS)
            if message is None:
                if is_asked:
                    raise TimeoutError
                await subscription.ping()
                is_asked = True
                continue
            is_asked = False
            if message["type"] == "message":
                self._heard[message["channel"].decode()](message["data"])
            elif message["type"] == "subscribe":
                confirmed += 1
                if confirmed == len(self._heard):
                    self.is_hearing = True
                    log.info("hearing")
                    self._on_hearing()
