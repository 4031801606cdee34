"""Reading boards, with the names that people chose."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, cast
from uuid import UUID

import msgspec
from msgspec import Raw

from community.boards.errors import BoardNotFound, PeriodNotOnBoard
from community.boards.periods import Period, board_in, periods_of, season_called
from community.boards.views import BoardPage, BoardView, LineView, OwnPlaceView
from community.profiles.service import NAME_OF_THE_LISTED
from gamification.boards.cursor import Position, position
from gamification.boards.reading import Asked, Line, Reading, listing_with, read_all
from gamification.boards.sets import BoardSet
from gamification.boards.windows import After, Around, FromPlace, Top, Window
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import BoardDefinition, Words
from gamification.catalogue.scopes import scope_of
from gamification.catalogue.service import current, lately
from ground import clock, cursors
from ground.errors import CursorInvalid, FieldError, Invalid
from ground.gathering import Gatherer
from ground.http import Page
from ground.languages import Language

AT_ONCE: Final = 100
MOST_WAITING: Final = 1_000

WHO_IS_LISTED: Final = listing_with(NAME_OF_THE_LISTED)
_to_json: Final = msgspec.json.Encoder().encode

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


class _Answer(NamedTuple):
    """A page, and the catalogue that was in force when it was read."""

    page: BoardPage
    revision: int


async def board_page(slug: str, wish: Wish, member_id: UUID, language: Language) -> BoardPage:
    """A part of a board, as this member sees it.

    Those who read at the same time share the questions to PostgreSQL and Valkey.
    """
    wish.refuse_contradictions()
    catalogue = await lately()
    try:
        reader = _reader(catalogue, slug, wish, member_id, language)
        [answer] = await _gatherer.do([reader])
    except (BoardNotFound, PeriodNotOnBoard, CursorInvalid):
        answer = None
    if answer is None or answer.revision != catalogue.revision:
        # Another catalogue is in force than the one that this process knew.
        reader = _reader(await current(), slug, wish, member_id, language)
        [answer] = await _gatherer.do([reader])
    return answer.page


def _reader(
    catalogue: Catalogue, slug: str, wish: Wish, member_id: UUID, language: Language
) -> _Reader:
    now = clock.now()
    board = board_in(catalogue, slug)
    periods = periods_of(catalogue, board, wish.period, wish.season)
    candidates = [
        BoardSet(scope_of(board.kinds), each, board.population, board.segment) for each in periods
    ]
    after = None if wish.cursor is None else position(wish.cursor, candidates, now)
    board_set = candidates[0] if after is None else after.board_set
    asked = Asked(board_set, member_id, _window(wish, after), now, after)
    return _Reader(asked, board, season_called(catalogue, board_set.period), language)


async def _pages(readers: Sequence[_Reader]) -> list[_Answer]:
    read = await read_all([reader.asked for reader in readers], WHO_IS_LISTED)
    items: dict[int, list[LineView]] = {}
    return [
        _Answer(_page(reader, reading, _items(reader, reading, items)), read.revision)
        for reader, reading in zip(readers, read.readings, strict=True)
    ]


_gatherer: Final = Gatherer(_pages, at_once=AT_ONCE, waiting=MOST_WAITING)


def _page(reader: _Reader, reading: Reading, items: list[LineView]) -> BoardPage:
    own = reading.own and OwnPlaceView(place=reading.own.place, points=reading.own.points)
    return BoardPage(
        board=reader.board.slug,
        period=reader.asked.board_set.period,
        season=reader.season,
        is_closed=reading.is_closed,
        items=items,
        next_cursor=reading.next_cursor,
        me=own,
        note=_note(reading, reader.language),
    )


def _items(reader: _Reader, reading: Reading, known: dict[int, list[LineView]]) -> list[LineView]:
    """The lines of a page. Who isn't among them shares what they look like with others."""
    me = reader.asked.member_id
    if any(line.member_id == me for line in reading.lines):
        return _lines(reading.lines, me)
    # The reading keeps its lines alive, so that no other list can have this identity.
    key = id(reading.lines)
    if key not in known:
        # Written once for all who read it.
        known[key] = cast("list[LineView]", Raw(_to_json(_lines(reading.lines, None))))
    return known[key]


def _lines(lines: Iterable[Line], me: UUID | None) -> list[LineView]:
    return [
        LineView(place=line.place, name=line.shown, points=line.points, is_me=line.member_id == me)
        for line in lines
        if line.shown is not None
    ]


def _window(wish: Wish, after: Position | None) -> Window:
    if after is not None:
        return After(after.points, after.alias, wish.limit)
    if wish.around_me:
        return Around.within(wish.limit)
    if wish.from_place is not None:
        return FromPlace(wish.from_place, wish.limit)
    return Top(wish.limit)


def _note(reading: Reading, language: Language) -> str | None:
    if not reading.competes:
        return ONLY_READS.in_locale(language)
    if reading.own is None:
        return NO_POINTS_YET.in_locale(language)
    return None if reading.appears else NOBODY_BUT_YOU.in_locale(language)
