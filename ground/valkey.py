"""The one Valkey client of a process. What it holds can always be rebuilt."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
T = TypeVar("T")

ANSWER_SECONDS = 1.0
CONNECT_SECONDS = 0.5
CONNECTIONS = 32
# How long nobody asks a Valkey that was away, but for one request that tries.
REST_SECONDS = 2.0

_client: Redis | None = None
_away_until: float = 0.0


class ValkeyNotOpen(RuntimeError):
    """A command came before `open_valkey()`."""


class ValkeyAway(Exception):
    """Valkey doesn't answer, or didn't a moment ago."""


def open_valkey(url: str) -> None:
    """Make the client. It connects with its first command, so an absent server is no failure."""
    global _client, _away_until
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=ANSWER_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        # The default repeats a command whose answer got lost: a counter would count twice.
        retry=Retry(NoBackoff(), 0),
        client_name="ambassade",
    )
    _client = Redis.from_pool(pool)
    _away_until = 0.0


async def close_valkey() -> None:
    """Close the client and its connections."""
    global _client
    if _client is not None:
        closing, _client = _client, None
        await closing.aclose()


def client() -> Redis:
    """The open client. Its commands raise `redis.RedisError` when Valkey is away."""
    if _client is None:
        raise ValkeyNotOpen
    return _client


def is_away() -> bool:
    """Whether Valkey failed a moment ago."""
    return time.monotonic() < _away_until


async def ask(command: Callable[[Redis], Awaitable[T]], *, within: float = ANSWER_SECONDS) -> T:
    """What Valkey answers, or `ValkeyAway`: at once while it is known to be away.

    After a rest the next caller tries while the others go on without, so an outage
    costs one request every two seconds its patience, and none of the others.
    """
    global _away_until
    tries_first = _away_until > 0.0
    if is_away():
        raise ValkeyAway
    if tries_first:
        _away_until = time.monotonic() + REST_SECONDS
    try:
        async with asyncio.timeout(within):
            answer = await command(client())
    except (RedisError, OSError, TimeoutError) as failure:
        if not tries_first:
            log.warning("valkey_away", reason=type(failure).__name__)
        _away_until = time.monotonic() + REST_SECONDS
        raise ValkeyAway from failure
    if _away_until > 0.0:
        log.info("valkey_back")
        _away_until = 0.0
    return answer
