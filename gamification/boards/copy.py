"""The copy of boards in Valkey follows PostgreSQL. When it can't, it is doubted and rebuilt."""

from collections.abc import Iterable, Sequence
from functools import partial
from importlib import resources
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg
from redis.asyncio import Redis

from gamification.boards.scores import Score
from gamification.boards.sets import BoardSet, mark_of, readable_periods, sets_of
from gamification.catalogue.service import current
from ground import clock, programme, valkey
from ground.engine import execute, fetch
from ground.unit_of_work import after_commit, unit_of_work

AT_ONCE: Final = 2_000

WHO_THEY_ARE: Final = """
SELECT p.member_id, p.board_alias, p.population, c.member_id IS NOT NULL AS competes,
       (SELECT identity FROM board_copy_state) AS identity
FROM player p LEFT JOIN competitor c USING (member_id)
WHERE p.member_id = ANY($1::uuid[]) AND (c.member_id IS NOT NULL OR $2)
"""

_COPY: Final = resources.files("gamification.boards").joinpath("copy.lua").read_text()


class Copied(NamedTuple):
    """What a set should say about somebody, and since which revision."""

    board_set: BoardSet
    alias: UUID
    revision: int
    points: int


async def tell(scores: Sequence[Score]) -> None:
    """Bring committed scores to the copy, in one round trip. Call it after COMMIT.

    A crash before it is done leaves a copy that is a little behind; the check of copies
    finds out.
    """
    await _tell(scores, also_hidden=False)


async def player_changed(member_id: UUID) -> None:
    """Let boards follow what a player's row says now of who they are and whether they appear.

    Call it in the transaction that changed the row: holding it, nobody credits meanwhile.
    """
    async with unit_of_work():
        today = clock.now().astimezone(programme.zone()).date()
        rows = await fetch(
            """
            UPDATE board_points SET revision = revision + 1
            WHERE member_id = $1 AND scope = ANY($2::text[]) AND period = ANY($3::text[])
            RETURNING scope, period, member_id, points, revision
            """,
            member_id,
            list((await current()).scopes),
            readable_periods(today),
        )
        if rows:
            scores = [Score(*row) for row in rows]
            after_commit(partial(_tell, scores, also_hidden=True))


async def doubt() -> None:
    """Let every copy be rebuilt before it is read again.

    A sequence counts the doubts: it makes nobody wait, and no rollback takes one back.
    """
    await execute("SELECT nextval('board_copy_generation')")


async def _tell(scores: Sequence[Score], *, also_hidden: bool) -> None:
    rows = await fetch(WHO_THEY_ARE, list({score.member_id for score in scores}), also_hidden)
    players = {row["member_id"]: row for row in rows}
    told = [
        copied
        for score in scores
        if score.member_id in players
        for copied in _copies(score, players[score.member_id], also_hidden=also_hidden)
    ]
    if not told:
        return
    try:
        await valkey.ask(partial(write, told, ours=mark_of(rows[0]["identity"])))
    except (valkey.ValkeyAway, valkey.ValkeyNotOpen):
        await doubt()


def _copies(score: Score, player: asyncpg.Record, *, also_hidden: bool) -> Iterable[Copied]:
    """What the sets of a score should say. Who is hidden or elsewhere has no points there."""
    for board_set in sets_of(score.scope, score.period):
        fits = board_set.population in {None, player["population"]}
        points = score.points if fits and player["competes"] else 0
        if fits or also_hidden:
            yield Copied(board_set, player["board_alias"], score.revision, points)


class Written(NamedTuple):
    """What writing found: scores that were known in a newer revision, and those it changed."""

    newer_known: int
    changed: int


async def write(
    copies: Sequence[Copied], client: Redis, *, ours: str, builder: str = ""
) -> Written:
    """Write into sets with our mark, or into those that `builder` builds."""
    async with client.pipeline(transaction=False) as pipe:
        for start in range(0, len(copies), AT_ONCE):
            part = copies[start : start + AT_ONCE]
            numbers = {each: n for n, each in enumerate({c.board_set for c in part}, 1)}
            arguments: list[str | int] = [ours, builder]
            for board_set, alias, revision, points in part:
                arguments += [numbers[board_set], str(alias), revision, points]
            pipe.eval(_COPY, len(numbers), *(each.key for each in numbers), *arguments)
        answers = await pipe.execute()
    return Written(*map(sum, zip(*answers, strict=True)))
