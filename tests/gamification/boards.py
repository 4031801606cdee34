"""Boards for tests: a catalogue with some, people on them, and how one thinks of a board."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from uuid import UUID, uuid4

from gamification.boards import copy, scores
from gamification.boards.cursor import Position, position
from gamification.boards.reading import Asked, Line, Reading, read_all
from gamification.boards.scores import Gain, Score
from gamification.boards.sets import BoardSet
from gamification.boards.windows import After, Around, Top, Window
from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from gamification.catalogue.service import current
from gamification.ledger.periods import ALL_TIME
from ground import clock
from ground.engine import execute
from ground.unit_of_work import after_commit, unit_of_work

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
EVERYBODY = BoardSet("*", ALL_TIME)

WORDS = """
name = { fr = "Un nom", en = "A name" }
description = { fr = "Un mot", en = "A word" }
"""
CATALOGUE = f"""
[[kind]]
slug = "post"
name = {{ fr = "article", en = "post" }}
points = 5

[[kind]]
slug = "thanks"
name = {{ fr = "merci", en = "thanks" }}
points = 1
received = true

[[board]]
slug = "all"
period = "all_time"
{WORDS}
[[board]]
slug = "month"
period = "month"
{WORDS}
[[board]]
slug = "writers"
period = "week"
kinds = ["post"]
{WORDS}
[[board]]
slug = "colleagues"
period = "month"
population = "employee"
{WORDS}
"""


@dataclass(frozen=True)
class Someone:
    """Somebody, as boards know them."""

    id: UUID
    alias: UUID


async def publish_boards() -> None:
    """Publish boards of everybody, of the month, of writers by week, and of colleagues."""
    await publish(read_toml(CATALOGUE.encode()), to_the_past=True)


async def somebody(
    *,
    visibility: str = "name",
    state: str = "active",
    staff: bool = False,
    population: str = "customer",
) -> Someone:
    """Let somebody take part."""
    someone = Someone(uuid4(), uuid4())
    await execute(
        """
        INSERT INTO player (member_id, board_alias, state, population, visibility,
                            public_visibility, staff, joined_at)
        VALUES ($1, $2, $3, $4, $5, false, $6, $7)
        """,
        someone.id,
        someone.alias,
        state,
        population,
        visibility,
        staff,
        NOON,
    )
    return someone


async def gain(
    who: Someone, points: int, *, kind: str = "post", day: date = TODAY, told: bool = True
) -> list[Score]:
    """Let somebody gain points, as crediting does. Not `told`: the copy doesn't hear of it."""
    async with unit_of_work():
        changed = await scores.add(await current(), [Gain(who.id, kind, day, points)])
        if told:
            after_commit(partial(copy.tell, changed))
    return changed


async def fill(board_set: BoardSet, points: Sequence[tuple[Someone, int]]) -> None:
    """Write a board's points, past everything."""
    await execute(
        """
        INSERT INTO board_points (scope, period, member_id, points, revision)
        SELECT $1, $2, m, n, 1 FROM unnest($3::uuid[], $4::bigint[]) AS t (m, n)
        """,
        board_set.scope,
        board_set.period,
        [someone.id for someone, _ in points],
        [number for _, number in points],
    )


@dataclass(frozen=True)
class Reader:
    """Somebody who reads a board."""

    who: Someone
    board_set: BoardSet = EVERYBODY

    def of(self, board_set: BoardSet) -> "Reader":
        return replace(self, board_set=board_set)

    async def reads(self, window: Window | None = None, after: str | None = None) -> Reading:
        """What they read: the top unless another part is asked for."""
        window = window or Top(100)
        now = clock.now()
        if after is None:
            return await self._read(Asked(self.board_set, self.who.id, window, now))
        place = position(after, [self.board_set], now)
        following = _next(place, window)
        return await self._read(Asked(self.board_set, self.who.id, following, now, place))

    async def _read(self, asked: Asked) -> Reading:
        [reading] = (await read_all([asked])).readings
        return reading

    async def lists(self, window: Window | None = None) -> list[tuple[int, UUID, int]]:
        """Places, people and points."""
        return list(map(_plain, (await self.reads(window)).lines))

    async def pages_through(self, limit: int) -> list[tuple[int, UUID, int]]:
        """All pages, one after the other."""
        found: list[tuple[int, UUID, int]] = []
        cursor = None
        while True:
            page = await self.reads(Top(limit), cursor)
            found += map(_plain, page.lines)
            cursor = page.next_cursor
            if cursor is None:
                return found


def _plain(line: Line) -> tuple[int, UUID, int]:
    return line.place, line.member_id, line.points


def _next(place: Position, window: Window) -> After:
    limit = window.above if isinstance(window, Around) else window.limit
    return After(place.points, place.alias, limit)


Naive = list[tuple[int, Someone, int]]


def naive(points: Sequence[tuple[Someone, int]]) -> Naive:
    """A board as the words say it: 1 + how many have more, ties by their alias."""
    listed = sorted(
        ((someone, number) for someone, number in points if number > 0),
        key=lambda each: (each[1], each[0].alias),
        reverse=True,
    )
    return [
        (1 + sum(other > number for _, other in listed), someone, number)
        for someone, number in listed
    ]


def as_read(board: Naive, reader_points: int | None = None) -> list[tuple[int, UUID, int]]:
    """What of it somebody with these points is shown."""
    behind = sum(1 for _, _, number in board if reader_points and number < reader_points)
    floor = reader_points if reader_points and behind < 5 else 0
    return [(place, who.id, number) for place, who, number in board if number >= floor]
