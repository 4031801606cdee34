"""Builds the copy of a board anew: beside the old one, and then in its place."""

from collections.abc import Sequence
from functools import partial
from importlib import resources
from typing import Final
from uuid import UUID, uuid4

import structlog
from redis.asyncio import Redis

from gamification.boards.copy import Copied, write
from gamification.boards.sets import BoardSet, mark_of
from ground import valkey
from ground.engine import fetch, fetchrow

log = structlog.get_logger(__name__)

CHUNK: Final = 2_000
# A builder that is silent for so long is dead, and another may begin.
SILENCE_MS: Final = 3_000
# Sets that nobody reads or checks any more go away by themselves.
KEPT_MS: Final = 2 * 24 * 3600 * 1000

ROWS: Final = """
SELECT member_id, board_alias, revision, points FROM board_standing
WHERE scope = $1 AND period = $2 AND ($3::text IS NULL OR population = $3) AND member_id > $4
ORDER BY member_id LIMIT $5
"""

_SWAP: Final = resources.files("gamification.boards").joinpath("swap.lua").read_text()


async def identity_and_mark() -> tuple[str, str]:
    """Which database this is, and how a copy is marked that nothing speaks against now."""
    row = await fetchrow("SELECT identity, generation FROM board_copy_state")
    if row is None:
        raise LookupError("the database has no identity")
    return row["identity"], mark_of(row["identity"], row["generation"])


async def build(board_set: BoardSet) -> bool:
    """Build a set and put it in its place. Return False if somebody else is at it.

    From its beginning on, what is told goes into the new set too, and of two revisions the
    newer one stays: so nothing is lost that is committed meanwhile. The mark holds the doubts
    of the beginning: what couldn't be told meanwhile makes it wrong at once.
    """
    identity, mark = await identity_and_mark()
    ours = mark_of(identity)
    builder = f"{ours}{uuid4().hex}"
    if not await valkey.ask(partial(_begin, board_set.key, builder)):
        return False
    count, last = 0, UUID(int=0)
    while chunk := await rows_after(board_set, last, CHUNK):
        copies = [Copied(board_set, alias, *rest) for _, alias, *rest in chunk]
        await valkey.ask(partial(write, copies, ours=ours, builder=builder))
        count, last = count + len(chunk), chunk[-1][0]
    swap = (_SWAP, 1, board_set.key, builder, mark, str(KEPT_MS))
    built = bool(await valkey.ask(lambda client: client.eval(*swap)))
    if built:
        log.info("board_copy_built", copy=board_set.key, listed=count)
    return built


async def rows_after(
    board_set: BoardSet, last: UUID, limit: int
) -> Sequence[tuple[UUID, UUID, int, int]]:
    """Some of those on a board, by their id: id, alias, revision and points."""
    rows = await fetch(ROWS, board_set.scope, board_set.period, board_set.population, last, limit)
    return [tuple(row) for row in rows]


async def _begin(key: str, builder: str, client: Redis) -> bool:
    if not await client.set(f"{key}:building", builder, nx=True, px=SILENCE_MS):
        return False
    await client.delete(f"{key}:new", f"{key}:new:revisions")
    return True
