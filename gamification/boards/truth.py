"""What PostgreSQL says of boards: who is there, and whole parts while the copy is away."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg

from gamification.boards.places import ENOUGH_FOLLOW
from gamification.boards.sets import BoardSet
from gamification.boards.windows import After, Around, FromPlace, Own, Part, Top, Window
from ground.engine import fetch, fetchrow, fetchval

Listed = tuple[str, int]

MOST_POINTS: Final = 2**62
FIRST_ALIAS: Final = UUID(int=2**128 - 1)
LAST_ALIAS: Final = UUID(int=0)

# Who was in it when the period was closed; who is in it now while it is open.
IN_SEGMENT: Final = """segment = $4
      AND in_period = coalesce((SELECT c.period FROM closed_period c WHERE c.period = $2), '')"""

# Of everybody's boards. `among` makes of each statement one for the board of a segment.
COUNTS: Final = """
SELECT (
    SELECT count(*) FROM board_standing
    WHERE scope = $1 AND period = $2 AND ($3::text IS NULL OR population = $3)
      AND $4::text IS NULL AND points > $5
) AS above, (
    SELECT count(*) FROM (
        SELECT FROM board_standing
        WHERE scope = $1 AND period = $2 AND ($3::text IS NULL OR population = $3)
          AND $4::text IS NULL AND points < $5
        LIMIT $6
    ) AS few
) AS below
"""

TIES: Final = """
SELECT count(*) FROM board_standing
WHERE scope = $1 AND period = $2 AND ($3::text IS NULL OR population = $3)
  AND $4::text IS NULL AND points = $5
"""

AT_INDEX: Final = """
SELECT points FROM board_standing
WHERE scope = $1 AND period = $2 AND ($3::text IS NULL OR population = $3)
  AND $4::text IS NULL
ORDER BY points DESC OFFSET $5 LIMIT 1
"""

# The first condition on points is what the index can use.
AFTER: Final = """
SELECT board_alias, points FROM board_standing
WHERE scope = $1 AND period = $2 AND ($3::text IS NULL OR population = $3)
  AND $4::text IS NULL AND points <= $5 AND (points, board_alias) < ($5, $6) AND points >= $7
ORDER BY points DESC, board_alias DESC LIMIT $8
"""

BEFORE: Final = """
SELECT board_alias, points FROM board_standing
WHERE scope = $1 AND period = $2 AND ($3::text IS NULL OR population = $3)
  AND $4::text IS NULL AND points >= $5 AND (points, board_alias) > ($5, $6)
ORDER BY points, board_alias LIMIT $7
"""


def among(statement: str, board_set: BoardSet) -> str:
    """A statement about `board_standing`, as it reads it for those who compete on this board."""
    if board_set.segment is None:
        return statement
    in_segment = statement.replace("$4::text IS NULL", IN_SEGMENT)
    return in_segment.replace("board_standing", "segment_standing")


async def part_in_truth(board_set: BoardSet, own: Own | None, window: Window) -> Part:
    """A part of a board. Slower than the copy the further down it is, and always right."""
    above_own, floor = 0, 1
    if own is not None:
        above_own, below = await _counts(board_set, own.points)
        if below < ENOUGH_FOLLOW:
            floor = own.points
    listed, goes_on = await _listed(board_set, own, window, floor)
    if not listed:
        return Part(above_own, 0, 0, goes_on, [])
    first = listed[0][1]
    above_first, _ = await _counts(board_set, first)
    ties = await fetchval(among(TIES, board_set), *board_set, first)
    return Part(above_own, above_first, above_first + ties, goes_on, listed)


async def _listed(
    board_set: BoardSet, own: Own | None, window: Window, floor: int
) -> tuple[list[Listed], bool]:
    match window:
        case Top(limit):
            return await _after(board_set, MOST_POINTS, FIRST_ALIAS, floor, limit)
        case After(points, alias, limit):
            return await _after(board_set, points, alias, floor, limit)
        case FromPlace(place, limit):
            points, alias = await _start_of_place(board_set, place)
            return await _after(board_set, points, alias, floor, limit)
        case Around(above, below):
            if own is None:
                return [], False
            ahead = await fetch(among(BEFORE, board_set), *board_set, own.points, own.alias, above)
            behind, goes_on = await _after(board_set, own.points, own.alias, floor, below)
            oneself = [(str(own.alias), own.points)] if own.appears else []
            return [*reversed(_pairs(ahead)), *oneself, *behind], goes_on


async def _start_of_place(board_set: BoardSet, place: int) -> tuple[int, UUID]:
    """After whom the first comes that has this place, or the next one that is taken."""
    points = await fetchval(among(AT_INDEX, board_set), *board_set, place - 1)
    if points is None:
        return 0, LAST_ALIAS
    above, _ = await _counts(board_set, points)
    return points, FIRST_ALIAS if above == place - 1 else LAST_ALIAS


async def _after(
    board_set: BoardSet, points: int, alias: UUID, floor: int, limit: int
) -> tuple[list[Listed], bool]:
    rows = await fetch(among(AFTER, board_set), *board_set, points, alias, floor, limit + 1)
    return _pairs(rows[:limit]), len(rows) > limit


async def _counts(board_set: BoardSet, points: int) -> tuple[int, int]:
    """How many have more, and whether some or enough have less."""
    row = await fetchrow(among(COUNTS, board_set), *board_set, points, ENOUGH_FOLLOW)
    return (0, 0) if row is None else (row["above"], row["below"])


def _pairs(rows: Sequence[asyncpg.Record]) -> list[Listed]:
    return [(str(row["board_alias"]), row["points"]) for row in rows]
