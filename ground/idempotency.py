"""One effect and one answer for a request, however often it is sent."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import asyncpg
import msgspec

from ground import clock
from ground.engine import execute, fetchrow, fetchval
from ground.errors import AmbassadeError
from ground.sealing import seal, unseal
from ground.unit_of_work import TRIES, unit_of_work

KEPT_FOR = timedelta(days=7)
PURGED_AT_ONCE = 1000

TAKE_TURN: Final = "SELECT pg_try_advisory_xact_lock($1)"
EARLIER: Final = "SELECT body_digest, status, headers, body FROM idempotency_key WHERE digest = $1"
KEEP: Final = """
INSERT INTO idempotency_key (digest, credential, body_digest, status, headers, body, kept_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
PURGE: Final = """
DELETE FROM idempotency_key WHERE digest IN (
    SELECT digest FROM idempotency_key WHERE kept_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""


class IdempotencyKeyReused(AmbassadeError):
    """The key came before, with another body."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "idempotency_key_reused"
    title = "This Idempotency-Key came before with another body"


class IdempotencyKeyBusy(AmbassadeError):
    """The first request with the key is still running."""

    status = HTTPStatus.CONFLICT
    code = "idempotency_key_busy"
    title = "A request with this Idempotency-Key is still running"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a route answered, and what is to be done about it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    # A refusal has no effect, and is remembered all the same.
    is_refusal: bool = False
    is_kept: bool = True
    # PostgreSQL undid the transaction to untie it from another.
    is_entangled: bool = False
    is_replayed: bool = False


class Asked(msgspec.Struct, frozen=True):
    """A request as far as it has to be recognised."""

    credential: str
    method: str
    path: str
    key: str
    body: bytes
    # Its answer holds a secret, so it is kept sealed: only who has the key can open it.
    is_secret: bool = False

    @property
    def digest(self) -> bytes:
        parts = (self.credential, self.method, self.path, self.key)
        return hashlib.sha256(msgspec.json.encode(parts)).digest()


class _NotKept(Exception):
    """Rolls back what led to an answer that nothing may remain of."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


async def answered_once(asked: Asked, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer to a request: the earlier one if there was one.

    The key, the effect and the answer commit together. A crash before COMMIT leaves none of
    them, so the client's next try starts afresh; after COMMIT it gets the same bytes.
    """
    for _ in range(TRIES):
        try:
            return await _in_one_transaction(asked, attempt)
        except _NotKept as undone:
            answer = undone.answer
        if not answer.is_entangled:
            break
    return answer


async def _in_one_transaction(asked: Asked, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    digest, body_digest = asked.digest, hashlib.sha256(asked.body).digest()
    async with unit_of_work() as work:
        # A rival is told to come back instead of holding a connection while it waits.
        if not await fetchval(TAKE_TURN, int.from_bytes(digest[:8], signed=True)):
            raise IdempotencyKeyBusy(retry_after=1)
        earlier = await fetchrow(EARLIER, digest)
        if earlier is not None:
            return _replayed(earlier, asked, body_digest)
        await execute("SAVEPOINT before_the_attempt")
        answer = await attempt()
        if not answer.is_kept:
            raise _NotKept(answer)
        if answer.is_refusal:
            # Nothing of a refused attempt stays, and its failure is dealt with.
            await execute("ROLLBACK TO SAVEPOINT before_the_attempt")
            work.start_again()
        headers = msgspec.json.encode(answer.headers).decode()
        await execute(
            KEEP,
            digest,
            asked.credential,
            body_digest,
            answer.status,
            headers,
            seal(asked.key, asked.digest, answer.body) if asked.is_secret else answer.body,
            clock.now(),
        )
    return answer


def _replayed(earlier: asyncpg.Record, asked: Asked, body_digest: bytes) -> Answer:
    if earlier["body_digest"] != body_digest:
        raise IdempotencyKeyReused
    headers = msgspec.json.decode(earlier["headers"], type=tuple[tuple[str, str], ...])
    body = unseal(asked.key, asked.digest, earlier["body"]) if asked.is_secret else earlier["body"]
    return Answer(status=earlier["status"], headers=headers, body=body, is_replayed=True)


async def purge() -> int:
    """Forget some answers that are older than a week. Return how many."""
    tag = await execute(PURGE, clock.now() - KEPT_FOR, PURGED_AT_ONCE)
    return int(tag.split()[-1])
