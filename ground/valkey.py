"""The one Valkey client of a process. What it holds can always be rebuilt."""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

ANSWER_SECONDS = 1.0
CONNECT_SECONDS = 0.5
CONNECTIONS = 32

_client: "Redis | None" = None


class ValkeyNotOpen(RuntimeError):
    """A command came before `open_valkey()`."""


def open_valkey(url: str) -> None:
    """Make the client. It connects with its first command, so an absent server is no failure."""
    global _client
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
