"""The one Valkey client of a process. What it holds can always be rebuilt."""

import asyncio
import contextvars
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
# How often a Valkey that is away is asked whether it is back.
EVERY_SECONDS = 0.5

_client: Redis | None = None
# While Valkey is away, what waits for its return.
_waiting: "asyncio.Task[None] | None" = None


class ValkeyNotOpen(RuntimeError):
    """A command came before `open_valkey()`."""


class ValkeyAway(Exception):
    """Valkey doesn't answer, or didn't a moment ago."""


def open_valkey(url: str) -> None:
    """Make the client. It connects with its first command, so an absent server is no failure."""
    global _client
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=ANSWER_SECONDS,
        # None of its own: redis-py would send through `asyncio.wait_for`, which costs a task each
        # time, and on Python 3.11 loses a cancellation that comes just as it is done.
        socket_timeout=None,
        socket_connect_timeout=CONNECT_SECONDS,
        # The default repeats a command whose answer got lost: a counter would count twice.
        retry=Retry(NoBackoff(), 0),
        client_name="ambassade",
    )
    _client = Redis.from_pool(pool)


async def close_valkey() -> None:
    """Close the client and its connections."""
    global _client, _waiting
    if _waiting is not None:
        stopping, _waiting = _waiting, None
        stopping.cancel()
        await asyncio.wait({stopping})
    if _client is not None:
        closing, _client = _client, None
        await closing.aclose()


def client() -> Redis:
    """The open client. Its commands raise `redis.RedisError` when Valkey is away.

    They wait as long as they are let: whoever doesn't `ask()` says for how long.
    """
    if _client is None:
        raise ValkeyNotOpen
    return _client


def is_away() -> bool:
    """Whether Valkey failed, and has not answered since."""
    return _waiting is not None


async def ask(command: Callable[[Redis], Awaitable[T]], *, within: float = ANSWER_SECONDS) -> T:
    """What Valkey answers, or `ValkeyAway`: at once while it is known to be away.

    So an outage costs those their patience who ask at its beginning, and nobody later.
    """
    if is_away():
        raise ValkeyAway
    try:
        async with asyncio.timeout(within):
            return await command(client())
    except (RedisError, OSError, TimeoutError) as failure:
        _note_away(failure)
        raise ValkeyAway from failure


def _note_away(failure: Exception) -> None:
    global _waiting
    if _waiting is None and _client is not None:
        log.warning("valkey_away", reason=type(failure).__name__)
        # In a context of its own: it must inherit no transaction.
        _waiting = asyncio.get_running_loop().create_task(
            _wait_for_return(_client), name="valkey", context=contextvars.Context()
        )


async def _wait_for_return(away: Redis) -> None:
    global _waiting
    while not await _answers(away):  # noqa: ASYNC110
        await asyncio.sleep(EVERY_SECONDS)
    log.info("valkey_back")
    _waiting = None


async def _answers(away: Redis) -> bool:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            # Connections from before may lead nowhere without anybody having said so.
            await away.connection_pool.disconnect(inuse_connections=False)
            await away.ping()
    except (RedisError, OSError, TimeoutError):
        return False
    return True
