"""Looks after the copies of boards: builds what is missing or doubted, mends what is wrong."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

import structlog
from redis.asyncio import Redis

from gamification.boards.build import KEPT_MS, build, identity_and_mark
from gamification.boards.compare import Progress, compare
from gamification.boards.cursor import LASTS
from gamification.boards.scores import forget_falls
from gamification.boards.sets import BoardSet, mark_of, sets_of
from gamification.catalogue.service import current
from ground import clock, valkey

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 2.0
MOST_AT_ONCE: Final = 2_000

_progress: dict[BoardSet, Progress] = {}


async def check_copies() -> int:
    """Build what is missing or doubted, and compare some of the rest. Return what was mended.

    Small boards are compared whole every time, large ones slice by slice.
    """
    wanted = sets_of(await current(), clock.now())
    identity, mark = await identity_and_mark()
    try:
        marks = await valkey.ask(partial(_marks, wanted))
        mended = 0
        for board_set, found in zip(wanted, marks, strict=True):
            if found != mark.encode():
                mended += await build(board_set)
        return mended + await _compare_some(wanted, mark_of(identity))
    except (valkey.ValkeyAway, valkey.ValkeyNotOpen):
        return 0


async def check_regularly() -> None:
    """Check every two seconds, until cancelled. An outage only interrupts."""
    while True:
        try:
            await check_copies()
            await forget_falls(clock.now() - 2 * LASTS)
        except Exception:
            # Nobody else would notice if this ended, and the next look may find all well.
            log.exception("board_check_failed")
        await asyncio.sleep(EVERY_SECONDS)


async def _marks(board_sets: Iterable[BoardSet], client: Redis) -> list[bytes | None]:
    """What the sets are marked with. They are kept, since somebody looks after them."""
    async with client.pipeline(transaction=False) as pipe:
        for board_set in board_sets:
            pipe.hget(f"{board_set.key}:revisions", "mark")
            pipe.pexpire(board_set.key, KEPT_MS)
            pipe.pexpire(f"{board_set.key}:revisions", KEPT_MS - 60_000)
        answers = await pipe.execute()
    marks: list[bytes | None] = answers[::3]
    return marks


async def _compare_some(wanted: Sequence[BoardSet], ours: str) -> int:
    """Compare sets in turn, those that waited longest first, until enough was looked at."""
    for gone in _progress.keys() - set(wanted):
        del _progress[gone]
    fresh = [each for each in wanted if each not in _progress]
    looked_at = mended = 0
    for board_set in [*fresh, *_progress]:
        if looked_at >= MOST_AT_ONCE:
            break
        compared = await compare(board_set, _progress.pop(board_set, Progress()), ours)
        _progress[board_set] = compared.progress
        looked_at += compared.looked_at
        mended += compared.mended
        if compared.mended:
            log.warning("board_copy_mended", copy=board_set.key, scores=compared.mended)
    return mended
