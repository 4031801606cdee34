"""Reading boards: from the copy, or from PostgreSQL while there is none."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from gamification.boards.build import build
from gamification.boards.cursor import Position, Snapshot
from gamification.boards.pages import Look, parts_in_copy
from gamification.boards.places import places
from gamification.boards.sets import BoardSet, mark_of
from gamification.boards.truth import LAST_ALIAS, MOST_POINTS, among, part_in_truth
from gamification.boards.windows import Around, Own, Part, Window
from ground import valkey
from ground.engine import fetch

# Each reader's own line, in the order of the question.
WHO_READS: Final = """
SELECT p.board_alias, p.state, p.staff, p.population, c.member_id IS NOT NULL AS appears,
       w.segment IS NULL OR EXISTS (
           SELECT FROM segment_member m WHERE m.segment = w.segment AND m.member_id = w.member_id
           AND m.period = coalesce(
               (SELECT c.period FROM closed_period c WHERE c.period = w.period), ''
           )
       ) AS belongs, coalesce(b.points, 0) AS points, s.identity, s.generation,
       EXISTS (SELECT FROM closed_period x WHERE x.period = w.period) AS is_closed,
       (SELECT coalesce(max(id), 0) FROM publication) AS revision,
       pg_current_snapshot()::text AS snapshot
FROM board_copy_state s CROSS JOIN unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
    WITH ORDINALITY AS w (member_id, scope, period, segment, place)
LEFT JOIN player p ON p.member_id = w.member_id
LEFT JOIN competitor c ON c.member_id = w.member_id
LEFT JOIN board_points b
    ON b.scope = w.scope AND b.period = w.period AND b.member_id = w.member_id
ORDER BY w.place
"""

# Who appears is asked of PostgreSQL whatever the copy says.
WHO_IS_LISTED: Final = """
SELECT b.board_alias::text, b.member_id, b.points, NULL AS shown, ARRAY(
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
    # What `listing_with` asked for.
    shown: str | None = None


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
    # Whether others see the reader there.
    appears: bool
    is_closed: bool


class Read(NamedTuple):
    """What several read, and the catalogue that was in force then."""

    revision: int
    readings: list[Reading]


class Asked(NamedTuple):
    """Which part of a board somebody wants to read."""

    board_set: BoardSet
    member_id: UUID
    window: Window
    now: datetime
    after: Position | None = None


class _Reader(NamedTuple):
    """Who reads, and as whom they stand on the board."""

    own: Own | None
    competes: bool
    appears: bool
    is_closed: bool


def listing_with(shown: str) -> str:
    """The statement about who is listed, with what is shown of `b.member_id` beside it, as SQL."""
    return WHO_IS_LISTED.replace("NULL AS shown", shown)


async def read_all(asked: Sequence[Asked], listing: str = WHO_IS_LISTED) -> Read:
    """Read parts of boards for several readers: as many statements as for one, a board."""
    rows = await fetch(
        WHO_READS,
        [each.member_id for each in asked],
        [each.board_set.scope for each in asked],
        [each.board_set.period for each in asked],
        [each.board_set.segment for each in asked],
    )
    if not rows:
        raise LookupError("the database has no identity")
    mark = mark_of(rows[0]["identity"], rows[0]["generation"])
    readers = [_reader(row, each.board_set) for row, each in zip(rows, asked, strict=True)]
    looks = [
        None
        if reader.own is None and isinstance(each.window, Around)
        else Look(each.board_set, reader.own, each.window)
        for reader, each in zip(readers, asked, strict=True)
    ]
    parts = await _parts(mark, list(dict.fromkeys(look for look in looks if look is not None)))
    pages = _Pages(asked, [None if look is None else parts[look] for look in looks])
    await pages.read(listing)
    began = Snapshot.read(rows[0]["snapshot"])
    readings = [pages.reading(place, reader, began) for place, reader in enumerate(readers)]
    return Read(rows[0]["revision"], readings)


def _reader(row: asyncpg.Record, board_set: BoardSet) -> _Reader:
    fits = board_set.population in {None, row["population"]} and row["belongs"]
    competes = row["state"] == "active" and not row["staff"] and fits
    own = None
    if competes and row["points"] > 0:
        own = Own(row["board_alias"], row["points"], row["appears"])
    return _Reader(own, competes, row["appears"], row["is_closed"])


async def _parts(mark: str, looks: Sequence[Look]) -> dict[Look, Part]:
    """Parts from the copy, which is built first where it must be, or from PostgreSQL."""
    try:
        parts = await parts_in_copy(mark, looks)
        missing = [look for look in looks if look not in parts]
        built = {each: await build(each) for each in {look.board_set for look in missing}}
        again = [look for look in missing if built[look.board_set]]
        if again:
            parts |= await parts_in_copy(mark, again)
    except (valkey.ValkeyAway, valkey.ValkeyNotOpen):
        parts = {}
    for look in looks:
        if look not in parts:
            parts[look] = await part_in_truth(*look)
    return parts


class _Pages:
    """Who is listed in parts of boards. Who reads the same part shares its lines."""

    def __init__(self, asked: Sequence[Asked], parts: Sequence[Part | None]) -> None:
        self._asked = asked
        self._parts = parts
        self._there: dict[tuple[BoardSet, Position | None], dict[str, asyncpg.Record]] = {}
        self._lines: dict[tuple[Position | None, int], list[Line]] = {}
        self._cursors: dict[tuple[Position | None, int], str] = {}

    async def read(self, listing: str) -> None:
        """Read who is listed, without those who are hidden."""
        wanted: dict[tuple[BoardSet, Position | None], set[str]] = defaultdict(set)
        seen = set[tuple[Position | None, int]]()
        for each, part in zip(self._asked, self._parts, strict=True):
            # Who reads the same part shares its list.
            if part is None or not part.listed or (each.after, id(part.listed)) in seen:
                continue
            seen.add((each.after, id(part.listed)))
            wanted[each.board_set, each.after].update(alias for alias, _ in part.listed)
        for (board_set, after), aliases in wanted.items():
            passed = (MOST_POINTS, LAST_ALIAS) if after is None else (after.points, after.alias)
            rows = await fetch(among(listing, board_set), *board_set, list(aliases), *passed)
            self._there[board_set, after] = {
                row["board_alias"]: row for row in rows if after is None or _is_new(row, after)
            }

    def reading(self, place: int, reader: _Reader, began: Snapshot) -> Reading:
        """What somebody reads."""
        part, asked = self._parts[place], self._asked[place]
        if part is None:
            return Reading([], None, reader.competes, None, reader.appears, reader.is_closed)
        key = (asked.after, id(part.listed))
        if key not in self._lines:
            self._lines[key] = _lines(part, self._there.get((asked.board_set, asked.after), {}))
        own = reader.own and OwnPlace(part.above_own + 1, reader.own.points)
        cursor = self._cursor(key, part, asked, began) if part.goes_on and part.listed else None
        return Reading(
            self._lines[key], own, reader.competes, cursor, reader.appears, reader.is_closed
        )

    def _cursor(
        self, key: tuple[Position | None, int], part: Part, asked: Asked, began: Snapshot
    ) -> str:
        if key not in self._cursors:
            alias, points = part.listed[-1]
            since = (asked.now, began) if asked.after is None else asked.after[3:]
            place = Position(asked.board_set, points, UUID(alias), *since)
            self._cursors[key] = place.encoded()
        return self._cursors[key]


def _lines(part: Part, there: Mapping[str, asyncpg.Record]) -> list[Line]:
    """Who is listed, without those who fell since the copy was told of them.

    Who moved past the reader is left out as well: they may have been on a page before.
    """
    numbers = places([points for _, points in part.listed], part.above_first, part.through_first)
    return [
        Line(place, there[alias]["member_id"], points, there[alias]["shown"])
        for place, (alias, points) in zip(numbers, part.listed, strict=True)
        if alias in there and there[alias]["points"] >= points
    ]


def _is_new(row: asyncpg.Record, after: Position) -> bool:
    """Whether somebody wasn't ahead of the reader's position at any time since they began."""
    is_ahead = (row["points"], UUID(row["board_alias"])) >= (after.points, after.alias)
    return not is_ahead and all(after.snapshot.saw(fall) for fall in row["falls"])
