"""Reading boards, with the names that people chose."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from community.boards.periods import Period, board_in, periods_of, season_called
from community.boards.views import BoardPage, BoardView, LineView, OwnPlaceView
from community.profiles.service import ShownName, shown_names
from gamification.boards.cursor import Position, position
from gamification.boards.reading import Asked, Line, Reading, read_all
from gamification.boards.scores import closed_periods
from gamification.boards.sets import BoardSet
from gamification.boards.windows import After, Around, FromPlace, Top, Window
from gamification.catalogue.definitions import BoardDefinition, Words
from gamification.catalogue.scopes import scope_of
from gamification.catalogue.service import current
from ground import clock, cursors
from ground.errors import FieldError, Invalid
from ground.gathering import Gatherer
from ground.http import Page
from ground.languages import Language

AT_ONCE: Final = 100
MOST_WAITING: Final = 1_000

NOBODY_BUT_YOU: Final = Words(
    fr="Votre place n’est visible que de vous.", en="Nobody but you sees your place."
)
NO_POINTS_YET: Final = Words(
    fr="Vous n’avez pas encore de points ici, et rien ne presse.",
    en="You have no points here yet, and there is no hurry.",
)
ONLY_READS: Final = Words(
    fr="Vous lisez ce tableau sans y concourir.", en="You read this board without competing on it."
)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a board somebody asks for."""

    period: Period = "current"
    season: str | None = None
    around_me: bool = False
    from_place: int | None = None
    limit: int = 20
    cursor: str | None = None

    def refuse_contradictions(self) -> None:
        """A part begins in one place only, and is of one period."""
        if self.season is not None and self.period != "current":
            raise Invalid(errors=(FieldError("?season", "can't be combined with `period`"),))
        given = {
            "around": self.around_me,
            "from_place": self.from_place is not None,
            "cursor": self.cursor is not None,
        }
        begins = [name for name, is_given in given.items() if is_given]
        if len(begins) > 1:
            detail = f"can't be combined with `{begins[0]}`"
            raise Invalid(errors=tuple(FieldError(f"?{name}", detail) for name in begins[1:]))


async def boards(language: Language, limit: int, cursor: str | None) -> Page[BoardView]:
    """The boards in force, by their slugs."""
    after = "" if cursor is None else cursors.decode(cursor, str)[0]
    rest = sorted(
        (board for board in (await current()).boards if board.slug > after),
        key=lambda board: board.slug,
    )
    page = rest[:limit]
    return Page(
        items=[BoardView.of(board, language) for board in page],
        next_cursor=cursors.encode(page[-1].slug) if len(rest) > limit else None,
    )


class _Reader(NamedTuple):
    """Somebody who reads a part of a board."""

    asked: Asked
    board: BoardDefinition
    season: str | None
    language: Language


async def board_page(slug: str, wish: Wish, member_id: UUID, language: Language) -> BoardPage:
    """A part of a board, as this member sees it.

    Those who read at the same time share the questions to PostgreSQL and Valkey.
    """
    wish.refuse_contradictions()
    now = clock.now()
    catalogue = await current()
    board = board_in(catalogue, slug)
    periods = periods_of(catalogue, board, wish.period, wish.season)
    candidates = [
        BoardSet(scope_of(board.kinds), each, board.population, board.segment) for each in periods
    ]
    after = None if wish.cursor is None else position(wish.cursor, candidates, now)
    board_set = candidates[0] if after is None else after.board_set
    asked = Asked(board_set, member_id, _window(wish, after), now, after)
    reader = _Reader(asked, board, season_called(catalogue, board_set.period), language)
    [page] = await _gatherer.do([reader])
    return page


async def _pages(readers: Sequence[_Reader]) -> list[BoardPage]:
    readings = await read_all([reader.asked for reader in readers])
    seen = {line.member_id for reading in readings for line in reading.lines}
    names = await shown_names(seen | {reader.asked.member_id for reader in readers})
    closed = await closed_periods({reader.asked.board_set.period for reader in readers})
    items: dict[int, list[LineView]] = {}
    return [
        _page(reader, reading, _items(reader, reading, names, items), names, closed)
        for reader, reading in zip(readers, readings, strict=True)
    ]


_gatherer: Final = Gatherer(_pages, at_once=AT_ONCE, waiting=MOST_WAITING)


def _page(
    reader: _Reader,
    reading: Reading,
    items: list[LineView],
    names: Mapping[UUID, ShownName],
    closed: Collection[str],
) -> BoardPage:
    asked = reader.asked
    own = reading.own and OwnPlaceView(place=reading.own.place, points=reading.own.points)
    return BoardPage(
        board=reader.board.slug,
        period=asked.board_set.period,
        season=reader.season,
        is_closed=asked.board_set.period in closed,
        items=items,
        next_cursor=reading.next_cursor,
        me=own,
        note=_note(reading, reader.language, appears=asked.member_id in names),
    )


def _items(
    reader: _Reader,
    reading: Reading,
    names: Mapping[UUID, ShownName],
    known: dict[int, list[LineView]],
) -> list[LineView]:
    """The lines of a page. Who isn't among them shares what they look like with others."""
    me = reader.asked.member_id
    if any(line.member_id == me for line in reading.lines):
        return _lines(reading.lines, names, me)
    # The reading keeps its lines alive, so that no other list can have this identity.
    key = id(reading.lines)
    if key not in known:
        known[key] = _lines(reading.lines, names, None)
    return known[key]


def _lines(
    lines: Iterable[Line], names: Mapping[UUID, ShownName], me: UUID | None
) -> list[LineView]:
    return [
        LineView(
            place=line.place,
            name=names[line.member_id].name,
            points=line.points,
            is_me=line.member_id == me,
        )
        for line in lines
        if line.member_id in names
    ]


def _window(wish: Wish, after: Position | None) -> Window:
    if after is not None:
        return After(after.points, after.alias, wish.limit)
    if wish.around_me:
        return Around.within(wish.limit)
    if wish.from_place is not None:
        return FromPlace(wish.from_place, wish.limit)
    return Top(wish.limit)


def _note(reading: Reading, language: Language, *, appears: bool) -> str | None:
    if not reading.competes:
        return ONLY_READS.in_locale(language)
    if reading.own is None:
        return NO_POINTS_YET.in_locale(language)
    return None if appears else NOBODY_BUT_YOU.in_locale(language)
