"""Holds a slice of a board's copy against PostgreSQL, and makes it right."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

from redis.asyncio import Redis

from gamification.boards.build import build, flat, rows_after
from gamification.boards.copy import write
from gamification.boards.sets import BoardSet
from gamification.boards.truth import among
from ground import valkey
from ground.engine import fetch

SLICE: Final = 500
LOOKS: Final = 2

LISTED: Final = """
SELECT board_alias FROM board_standing
WHERE scope = $1 AND period = $2 AND ($3::text IS NULL OR population = $3) AND $4::text IS NULL
  AND board_alias = ANY($5::uuid[])
"""


class Progress(NamedTuple):
    """How far the comparison of a set is: by member, and through the set."""

    member_id: UUID = UUID(int=0)
    scan: int = 0


class Compared(NamedTuple):
    """How much was looked at, how much was wrong, and where to go on."""

    looked_at: int
    mended: int
    progress: Progress


async def compare(board_set: BoardSet, progress: Progress, ours: str) -> Compared:
    """Compare a slice both ways: who should be there, and who is."""
    rows = await rows_after(board_set, progress.member_id, SLICE)
    mended = await _write_as_they_are(board_set, progress.member_id, ours) if rows else 0
    scan, found = await valkey.ask(partial(_scan, board_set.key, progress.scan))
    surplus = await _surplus(board_set, found)
    if surplus:
        # Who begins to appear at this moment is written again with the next slice.
        await valkey.ask(partial(_remove, board_set.key, surplus))
    last = rows[-1].member_id if len(rows) == SLICE else UUID(int=0)
    return Compared(len(rows) + len(found), mended + len(surplus), Progress(last, scan))


async def _write_as_they_are(board_set: BoardSet, last: UUID, ours: str) -> int:
    """Write the scores of PostgreSQL: what is right already stays as it is."""
    changed = 0
    for _ in range(LOOKS):
        told = {board_set: flat(await rows_after(board_set, last, SLICE))}
        written = await valkey.ask(partial(write, told, ours=ours))
        changed += written.changed
        if not written.newer_known:
            return changed
    # A copy ahead of what was read is a change on its way; twice, it tells another history.
    return changed + await build(board_set)


async def _surplus(board_set: BoardSet, names: Sequence[bytes]) -> list[bytes]:
    """Those in the set who shouldn't be."""
    aliases = list(_aliases(names))
    rows = await fetch(among(LISTED, board_set), *board_set, aliases) if aliases else []
    listed = {str(row["board_alias"]).encode() for row in rows}
    return [name for name in names if name not in listed]


def _aliases(names: Iterable[bytes]) -> Iterable[UUID]:
    for name in names:
        try:
            yield UUID(name.decode())
        except ValueError:
            continue


async def _scan(key: str, scan: int, client: Redis) -> tuple[int, list[bytes]]:
    following, found = await client.zscan(key, scan, count=SLICE)
    names: list[Any] = [name for name, _ in found]
    return int(following), names


async def _remove(key: str, names: Sequence[bytes], client: Redis) -> None:
    async with client.pipeline(transaction=False) as pipe:
        pipe.zrem(key, *names)
        pipe.hdel(f"{key}:revisions", *names)
        await pipe.execute()
