"""Reading boards: from the copy, or from PostgreSQL while there is none."""

from datetime import datetime
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from gamification.boards.build import build
from gamification.boards.cursor import Position, Snapshot
from gamification.boards.pages import part_in_copy
from gamification.boards.places import places
from gamification.boards.sets import BoardSet, mark_of
from gamification.boards.truth import LAST_ALIAS, MOST_POINTS, among, part_in_truth
from gamification.boards.windows import Around, Own, Part, Window
from ground import valkey
from ground.engine import fetch, fetchrow

WHO_READS: Final = """
SELECT p.board_alias, p.state, p.staff, p.population, c.member_id IS NOT NULL AS appears,
       $4::text IS NULL OR EXISTS (
           SELECT FROM segment_member m WHERE m.segment = $4 AND m.member_id = $1
           AND m.period = coalesce((SELECT c.period FROM closed_period c WHERE c.period = $3), '')
       ) AS belongs, coalesce(b.points, 0) AS points, s.identity, s.generation,
       pg_current_snapshot()::text AS snapshot
FROM board_copy_state s
LEFT JOIN player p ON p.member_id = $1
LEFT JOIN competitor c ON c.member_id = $1
LEFT JOIN board_points b ON b.scope = $2 AND b.period = $3 AND b.member_id = $1
"""

# Who appears is asked of PostgreSQL whatever the copy says.
WHO_IS_LISTED: Final = """
SELECT b.board_alias, b.member_id, b.points, ARRAY(
    SELECT f.transaction FROM board_fall f
    WHERE f.scope = b.scope AND f.period = b.period AND f.member_id = b.member_id
      AND (f.fell_from, b.board_alias) >= ($6, $7)
) AS falls
FROM board_standing b
WHERE b.scope = $1 AND b.period = $2 AND ($3::text IS NULL OR b.population = $3)
  AND $4::text IS NULL AND b.board_alias = ANY($5::uuid[])
"""


class Line(NamedTuple):
    """Somebody on a board."""

    place: int
    member_id: UUID
    points: int


class OwnPlace(NamedTuple):
    """Where the reader stands, shown to nobody else."""

    place: int
    points: int


class Reading(NamedTuple):
    """A part of a board as somebody reads it."""

    lines: list[Line]
    own: OwnPlace | None
    # Why the reader has no place, if they don't.
    competes: bool
    next_cursor: str | None


async def read(
    board_set: BoardSet,
    member_id: UUID,
    window: Window,
    *,
    now: datetime,
    after: Position | None = None,
) -> Reading:
    """Read a part of a board, in a constant number of statements."""
    row = await fetchrow(WHO_READS, member_id, board_set.scope, board_set.period, board_set.segment)
    if row is None:
        raise LookupError("the database has no identity")
    competes = _competes(row, board_set)
    own = Own(row["board_alias"], row["points"], row["appears"]) if competes else None
    ranked = own if own is not None and own.points > 0 else None
    if ranked is None and isinstance(window, Around):
        return Reading([], None, competes, None)
    part = await _part(board_set, mark_of(row["identity"], row["generation"]), ranked, window)
    began = (now, Snapshot.read(row["snapshot"])) if after is None else after[3:]
    next_cursor = None
    if part.goes_on and part.listed:
        alias, points = part.listed[-1]
        next_cursor = Position(board_set, points, alias, *began).encoded()
    return Reading(
        await _lines(board_set, part, after),
        ranked and OwnPlace(part.above_own + 1, ranked.points),
        competes,
        next_cursor,
    )


def _competes(row: asyncpg.Record, board_set: BoardSet) -> bool:
    fits = board_set.population in {None, row["population"]}
    return row["state"] == "active" and not row["staff"] and fits and bool(row["belongs"])


async def _part(board_set: BoardSet, mark: str, own: Own | None, window: Window) -> Part:
    look = partial(part_in_copy, board_set, mark, own, window)
    try:
        part = await look()
        if part is None and await build(board_set):
            part = await look()
    except (valkey.ValkeyAway, valkey.ValkeyNotOpen):
        part = None
    return part or await part_in_truth(board_set, own, window)


async def _lines(board_set: BoardSet, part: Part, after: Position | None) -> list[Line]:
    """Who is listed, without those who are hidden or fell since the copy was told of them.

    Who moved past the reader is left out as well: they may have been on a page before.
    """
    if not part.listed:
        return []
    passed = (MOST_POINTS, LAST_ALIAS) if after is None else (after.points, after.alias)
    rows = await fetch(
        among(WHO_IS_LISTED, board_set),
        *board_set,
        [alias for alias, _ in part.listed],
        *passed,
    )
    there = {row["board_alias"]: row for row in rows if after is None or _is_new(row, after)}
    numbers = places([points for _, points in part.listed], part.above_first, part.through_first)
    return [
        Line(place, there[alias]["member_id"], points)
        for place, (alias, points) in zip(numbers, part.listed, strict=True)
        if alias in there and there[alias]["points"] >= points
    ]


def _is_new(row: asyncpg.Record, after: Position) -> bool:
    """Whether somebody wasn't ahead of the reader's position at any time since they began."""
    is_ahead = (row["points"], row["board_alias"]) >= (after.points, after.alias)
    return not is_ahead and all(after.snapshot.saw(fall) for fall in row["falls"])
