"""Which periods of a board the words of a reader mean today."""

from datetime import date
from typing import Literal

from community.boards.errors import BoardNotFound, PeriodNotOnBoard
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import BoardDefinition
from gamification.ledger.periods import ALL_TIME, period_of, previous_period
from gamification.seasons.season import Season
from ground import clock, programme

Period = Literal["current", "previous", "all_time"]


def board_in(catalogue: Catalogue, slug: str) -> BoardDefinition:
    """The board of that name that is in force."""
    for board in catalogue.boards:
        if board.slug == slug:
            return board
    raise BoardNotFound


def periods_of(
    catalogue: Catalogue, board: BoardDefinition, period: Period, season: str | None = None
) -> list[str]:
    """What is read: first what the words mean today, then what they meant when paging began."""
    today = clock.now().astimezone(programme.zone()).date()
    if season is not None:
        return [_named_season(catalogue, board, season, today).period]
    if period == "all_time":
        return [ALL_TIME]
    if board.period == "season":
        latest, last = catalogue.season_of(board, today)
        seasons = [last] if period == "previous" else [latest, last]
        if seasons[0] is None:
            raise PeriodNotOnBoard("There is no such season, or none has begun.")
        return [each.period for each in seasons if each is not None]
    if board.period == ALL_TIME and period == "previous":
        raise PeriodNotOnBoard("It is about all time, which nothing was before.")
    before = previous_period(today, board.period)
    return [before] if period == "previous" else [period_of(today, board.period), before]


def _named_season(catalogue: Catalogue, board: BoardDefinition, slug: str, today: date) -> Season:
    for season in catalogue.seasons_of(board):
        if season.slug == slug and season.starts_on <= today:
            return season
    raise PeriodNotOnBoard("The board isn't about such a season, or it hasn't begun.")


def season_called(catalogue: Catalogue, period: str) -> str | None:
    """The slug of the season that a period is, if it is one."""
    mine = (slug for slug, each in catalogue.seasons.items() if each.days.period == period)
    return next(mine, None)
