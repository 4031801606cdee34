"""The copy of boards in Valkey follows PostgreSQL. When it can't, it is doubted and rebuilt."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import resources
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
from redis.asyncio import Redis

from gamification.boards.channels import channels_of
from gamification.boards.scores import Score
from gamification.boards.sets import BoardSet, mark_of, readable_periods, sets_of
from gamification.catalogue.service import current, in_force
from gamification.segments import keep
from ground import clock, programme, valkey
from ground.engine import execute, fetch
from ground.unit_of_work import after_commit, unit_of_work
from notifications.announcements.ticker import MARKED, marks_of

# Three for each score.
AT_ONCE: Final = 6_000

# Who is in a segment counts for open periods, and who was in it for a closed one.
WHO_THEY_ARE: Final = """
SELECT p.member_id, p.board_alias, p.population, c.member_id IS NOT NULL AS competes,
       ARRAY(
           SELECT s.period || '/' || m.segment
           FROM segment_member m JOIN unnest($3::text[]) AS s (period)
           ON m.period = coalesce(
               (SELECT c.period FROM closed_period c WHERE c.period = s.period), ''
           )
           WHERE m.member_id = p.member_id
       ) AS segments,
       (SELECT identity FROM board_copy_state) AS identity,
       (SELECT max(id) FROM publication) AS catalogue
FROM player p LEFT JOIN competitor c USING (member_id)
WHERE p.member_id = ANY($1::uuid[]) AND (c.member_id IS NOT NULL OR $2)
"""

_COPY: Final = resources.files("gamification.boards").joinpath("copy.lua").read_text()


# Who, the revision and the points, again and again, as the script takes them.
Flat = list[UUID | int]


class Written(NamedTuple):
    """What writing found: scores that were known in a newer revision, and those it changed."""

    newer_known: int
    changed: int


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
    await players_changed([member_id])


async def players_changed(member_ids: Sequence[UUID]) -> None:
    """The same for several members, whose rows the caller holds, and for their segments."""
    async with unit_of_work():
        await keep.follow(member_ids)
        today = clock.now().astimezone(programme.zone()).date()
        catalogue = await current()
        seasons = [season.days.period for season in catalogue.seasons.values()]
        rows = await fetch(
            """
            UPDATE board_points SET revision = revision + 1
            WHERE member_id = ANY($1::uuid[]) AND scope = ANY($2::text[])
                AND period = ANY($3::text[])
            RETURNING scope, period, member_id, points, revision
            """,
            list(member_ids),
            list(catalogue.scopes),
            [*readable_periods(today), *seasons],
        )
        if rows:
            scores = [Score(*row) for row in rows]
            after_commit(partial(_tell, scores, also_hidden=True))


async def doubt() -> None:
    """Let every copy be rebuilt before it is read again. Call it after COMMIT.

    A sequence counts the doubts: it makes nobody wait, and no rollback takes one back.
    """
    await execute("SELECT nextval('board_copy_generation')")


async def _tell(scores: Sequence[Score], *, also_hidden: bool) -> None:
    members = list({score.member_id for score in scores})
    periods = list({score.period for score in scores})
    rows = await fetch(WHO_THEY_ARE, members, also_hidden, periods)
    if not rows or rows[0]["catalogue"] is None:
        return
    catalogue = await in_force(rows[0]["catalogue"])
    players = {row["member_id"]: row for row in rows}
    told = _by_set(scores, players, sets_of(catalogue, clock.now()), also_hidden=also_hidden)
    if not told:
        return
    anew = also_hidden or any(score.fell for score in scores)
    marks = marks_of(channels_of(catalogue, told.keys()), anew=anew)
    try:
        await valkey.ask(partial(write, told, ours=mark_of(rows[0]["identity"]), marks=marks))
    except (valkey.ValkeyAway, valkey.ValkeyNotOpen):
        await doubt()


def _by_set(
    scores: Iterable[Score],
    players: Mapping[UUID, asyncpg.Record],
    board_sets: Iterable[BoardSet],
    *,
    also_hidden: bool,
) -> dict[BoardSet, Flat]:
    """What the sets should say. Who is hidden or elsewhere has no points there."""
    sets: dict[tuple[str, str], list[BoardSet]] = defaultdict(list)
    for each in board_sets:
        sets[each.scope, each.period].append(each)
    told: dict[BoardSet, Flat] = defaultdict(list)
    for scope, period, member_id, points, revision, _ in scores:
        player = players.get(member_id)
        if player is None:
            continue
        for board_set in sets.get((scope, period), ()):
            fits = _fits(board_set, player)
            if fits or also_hidden:
                shown = points if fits and player["competes"] else 0
                told[board_set] += (player["board_alias"], revision, shown)
    return told


def _fits(board_set: BoardSet, player: asyncpg.Record) -> bool:
    among = f"{board_set.period}/{board_set.segment}"
    in_segment = board_set.segment is None or among in player["segments"]
    return in_segment and board_set.population in {None, player["population"]}


async def write(
    told: Mapping[BoardSet, Flat],
    client: Redis,
    *,
    ours: str,
    builder: str = "",
    marks: Sequence[str] = (),
) -> Written:
    """Write into sets with our mark, or into the one that `builder` builds.

    Then let the channels with these marks be told.
    """
    async with client.pipeline(transaction=False) as pipe:
        for some in _in_parts(told):
            keys = [board_set.key for board_set in some]
            packed = map(msgspec.msgpack.encode, some.values())
            pipe.eval(_COPY, len(keys), *keys, ours, builder, *packed)
        if marks:
            pipe.sadd(MARKED, *marks)
        answers = await pipe.execute()
    written = answers[:-1] if marks else answers
    return Written(*map(sum, zip(*written, strict=True)))


def _in_parts(told: Mapping[BoardSet, Flat]) -> Iterator[Mapping[BoardSet, Flat]]:
    """All in one, or by set and so many at once, so that nobody else waits for long."""
    if sum(map(len, told.values())) <= AT_ONCE:
        yield told
        return
    for board_set, flat in told.items():
        for start in range(0, len(flat), AT_ONCE):
            yield {board_set: flat[start : start + AT_ONCE]}
