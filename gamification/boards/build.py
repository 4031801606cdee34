"""Builds the copy of a board anew: beside the old one, and then in its place."""

from collections.abc import Iterable
from functools import partial
from importlib import resources
from typing import Final, NamedTuple
from uuid import UUID, uuid4

import structlog
from redis.asyncio import Redis

from gamification.boards.copy import Flat, write
from gamification.boards.sets import BoardSet, mark_of
from ground import valkey
from ground.engine import fetch, fetchrow

log = structlog.get_logger(__name__)

CHUNK: Final = 2_000
# A builder that is silent for so long is dead, and another may begin.
SILENCE_MS: Final = 3_000
# Sets that nobody reads or checks any more go away by themselves.
KEPT_MS: Final = 2 * 24 * 3600 * 1000

# The second condition on the id lets both sides begin there.
ROWS: Final = """
SELECT b.member_id, c.board_alias, b.revision, b.points
FROM competitor c JOIN board_points b ON b.member_id = c.member_id
WHERE b.scope = $1 AND b.period = $2 AND ($3::text IS NULL OR c.population = $3)
  AND $4::text IS NULL AND b.member_id > $5 AND c.member_id > $5 AND b.points > 0
ORDER BY b.member_id LIMIT $6
"""

# One that begins with the segment's members, who may be few among many.
ROWS_IN_SEGMENT: Final = """
SELECT b.member_id, c.board_alias, b.revision, b.points
FROM segment_member m
JOIN competitor c ON c.member_id = m.member_id
JOIN board_points b ON b.member_id = m.member_id
WHERE m.segment = $4
  AND m.period = coalesce((SELECT c.period FROM closed_period c WHERE c.period = $2), '')
  AND b.scope = $1 AND b.period = $2
  AND ($3::text IS NULL OR c.population = $3)
  AND m.member_id > $5 AND b.member_id > $5 AND c.member_id > $5 AND b.points > 0
ORDER BY m.member_id LIMIT $6
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
        told = {board_set: flat(chunk)}
        await valkey.ask(partial(write, told, ours=ours, builder=builder))
        count, last = count + len(chunk), chunk[-1].member_id
    swap = (_SWAP, 1, board_set.key, builder, mark, str(KEPT_MS))
    built = bool(await valkey.ask(lambda client: client.eval(*swap)))
    if built:
        log.info("board_copy_built", copy=board_set.key, listed=count)
    return built


class Row(NamedTuple):
    """Somebody on a board."""

    member_id: UUID
    alias: UUID
    revision: int
    points: int


async def rows_after(board_set: BoardSet, last: UUID, limit: int) -> list[Row]:
    """Some of those on a board, by their id."""
    statement = ROWS if board_set.segment is None else ROWS_IN_SEGMENT
    return [Row(*row) for row in await fetch(statement, *board_set, last, limit)]


def flat(rows: Iterable[Row]) -> Flat:
    """As the copy is told of them."""
    return [each for row in rows for each in row[1:]]


async def _begin(key: str, builder: str, client: Redis) -> bool:
    if not await client.set(f"{key}:building", builder, nx=True, px=SILENCE_MS):
        return False
    await client.delete(f"{key}:new", f"{key}:new:revisions")
    return True
