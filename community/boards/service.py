"""Reading boards, with the names that people chose."""

from datetime import date
from typing import Final, Literal
from uuid import UUID

import msgspec

from community.boards.errors import BoardNotFound, PeriodNotOnBoard
from community.boards.views import BoardPage, BoardView, LineView, OwnPlaceView
from community.profiles.service import shown_names
from gamification.boards.cursor import Position, position
from gamification.boards.reading import Reading, read
from gamification.boards.scores import closed_periods
from gamification.boards.sets import BoardSet
from gamification.boards.windows import After, Around, FromPlace, Top, Window
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import BoardDefinition, Words
from gamification.catalogue.scopes import scope_of
from gamification.catalogue.service import current
from gamification.ledger.periods import ALL_TIME, period_of, previous_period
from gamification.seasons.season import Season
from ground import clock, cursors, programme
from ground.errors import FieldError, Invalid
from ground.http import Page
from ground.languages import Language

Period = Literal["current", "previous", "all_time"]

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


async def board_page(slug: str, wish: Wish, member_id: UUID, language: Language) -> BoardPage:
    """A part of a board, as this member sees it."""
    wish.refuse_contradictions()
    now = clock.now()
    catalogue = await current()
    board = _board(catalogue, slug)
    periods = _periods(catalogue, board, wish)
    candidates = [
        BoardSet(scope_of(board.kinds), each, board.population, board.segment) for each in periods
    ]
    after = None if wish.cursor is None else position(wish.cursor, candidates, now)
    board_set = candidates[0] if after is None else after.board_set
    reading = await read(board_set, member_id, _window(wish, after), now=now, after=after)
    names = await shown_names([member_id, *(line.member_id for line in reading.lines)])
    return BoardPage(
        board=board.slug,
        period=board_set.period,
        season=_season_of(catalogue, board_set.period),
        is_closed=bool(await closed_periods([board_set.period])),
        items=[
            LineView(
                place=line.place,
                name=names[line.member_id].name,
                points=line.points,
                is_me=line.member_id == member_id,
            )
            for line in reading.lines
            if line.member_id in names
        ],
        next_cursor=reading.next_cursor,
        me=reading.own and OwnPlaceView(place=reading.own.place, points=reading.own.points),
        note=_note(reading, language, appears=member_id in names),
    )


def _board(catalogue: Catalogue, slug: str) -> BoardDefinition:
    for board in catalogue.boards:
        if board.slug == slug:
            return board
    raise BoardNotFound


def _periods(catalogue: Catalogue, board: BoardDefinition, wish: Wish) -> list[str]:
    """What is read: first what the words mean today, then what they meant when paging began."""
    today = clock.now().astimezone(programme.zone()).date()
    if wish.season is not None:
        return [_named_season(catalogue, board, wish.season, today).period]
    if wish.period == "all_time":
        return [ALL_TIME]
    if board.period == "season":
        latest, last = catalogue.season_of(board, today)
        seasons = [last] if wish.period == "previous" else [latest, last]
        if seasons[0] is None:
            raise PeriodNotOnBoard("There is no such season, or none has begun.")
        return [season.period for season in seasons if season is not None]
    if board.period == ALL_TIME and wish.period == "previous":
        raise PeriodNotOnBoard("It is about all time, which nothing was before.")
    before = previous_period(today, board.period)
    return [before] if wish.period == "previous" else [period_of(today, board.period), before]


def _named_season(catalogue: Catalogue, board: BoardDefinition, slug: str, today: date) -> Season:
    for season in catalogue.seasons_of(board):
        if season.slug == slug and season.starts_on <= today:
            return season
    raise PeriodNotOnBoard("The board isn't about such a season, or it hasn't begun.")


def _season_of(catalogue: Catalogue, period: str) -> str | None:
    mine = (slug for slug, each in catalogue.seasons.items() if each.days.period == period)
    return next(mine, None)


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
