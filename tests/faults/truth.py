"""What must hold after a crash, whatever crashed: from outside, and in PostgreSQL's own words."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import httpx
from redis.asyncio import Redis

from gamification.boards.sets import sets_of
from gamification.catalogue.service import current
from ground import clock, valkey
from ground.engine import fetch
from tests.faults.installation import Installation
from tests.faults.writers import Writer

SECONDS_FOR_BOARDS = 5.0


async def assert_nothing_was_lost(
    installation: Installation, writers: Sequence[Writer], key: str
) -> None:
    """I1 to I4, I6 and I9 after whatever happened."""
    await assert_acknowledged_is_there(writers)
    await assert_sums_are_right()
    assert_answers_are_the_same_again(installation, writers, key)
    assert installation.command("replay", "--check") == "Everything is as the ledger says.\n"


async def assert_acknowledged_is_there(writers: Sequence[Writer]) -> None:
    told = [call for writer in writers for call in writer.acknowledged]
    results = [result for call in told for result in call.results]
    # Also an answer that was lost and asked for again says "recorded", and not "duplicate":
    # it is the first one once more.
    assert {result["status"] for result in results} == {"recorded"}
    rows = await fetch("SELECT id, key, reverses FROM ledger_entry")
    there = {str(row["id"]) for row in rows}
    assert {result["id"] for result in results} <= there
    assert len({result["id"] for result in results}) == len(results)

    taken_back = [row["reverses"] for row in rows if row["reverses"] is not None]
    assert len(taken_back) == len(set(taken_back))
    assert {int(entry) for each in writers for entry in each.reversed} <= set(taken_back)


async def assert_sums_are_right() -> None:
    """I3: what is kept of points is the sum of the ledger, for everybody."""
    wrong = await fetch(
        """
        SELECT s.member_id, s.points, l.points AS summed FROM standing s
        JOIN (SELECT member_id, sum(points) AS points FROM ledger_entry GROUP BY 1) l
        USING (member_id) WHERE s.points <> l.points
        """
    )
    assert wrong == []


def assert_answers_are_the_same_again(
    installation: Installation, writers: Sequence[Writer], key: str
) -> None:
    """I2: the key of a call that was acknowledged gives the same bytes, and does nothing."""
    with httpx.Client(base_url=installation.url, headers={"X-API-Key": key}) as client:
        for writer in writers:
            for call in writer.acknowledged[-20:]:
                again = client.post(
                    "/v1/activities",
                    json=call.sent,
                    headers={"Idempotency-Key": call.idempotency_key},
                )
                assert again.headers.get("idempotency-replayed") == "true"
                assert again.content == call.answer


async def seconds_until_boards_are_right() -> float:
    """How long the copies of all boards need to say what PostgreSQL says (I20)."""
    started = time.monotonic()
    async with asyncio.timeout(4 * SECONDS_FOR_BOARDS):
        while await wrong_boards():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return time.monotonic() - started


async def wrong_boards() -> list[str]:
    """The boards whose copy says something else than PostgreSQL, or nothing."""
    if valkey.is_away():
        return ["valkey is away"]
    wrong = []
    for board_set in sets_of(await current(), clock.now()):
        rows = await fetch(
            """
            SELECT board_alias, points FROM board_standing
            WHERE scope = $1 AND period = $2 AND ($3::text IS NULL OR population = $3)
            """,
            *board_set[:3],
        )
        truth = {str(row["board_alias"]): row["points"] for row in rows}
        try:
            copy = await valkey.ask(partial(_scores_in, board_set.key))
        except valkey.ValkeyAway:
            return ["valkey is away"]
        if {alias.decode(): int(points) for alias, points in copy} != truth:
            wrong.append(board_set.key)
    return wrong


async def _scores_in(key: str, client: Redis) -> list[tuple[bytes, float]]:
    found: Any = await client.zrange(key, 0, -1, withscores=True)
    return list(found)
