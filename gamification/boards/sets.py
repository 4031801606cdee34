"""The sets in which Valkey holds a copy of boards: one for each that somebody can read."""

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import BoardDefinition
from gamification.catalogue.scopes import scope_of
from gamification.ledger.periods import ALL_TIME, PeriodKind, period_of, previous_period
from ground import programme

# Rises when the sets are laid out in another way, so that older ones are built again.
LAYOUT: Final = 1
# Clocks of processes differ a little, and a period begins for one before it does for another.
A_MOMENT: Final = timedelta(minutes=1)


class BoardSet(NamedTuple):
    """Who competes with which points of a scope, in a period, among all or some of them.

    Boards that say the same share a set.
    """

    scope: str
    period: str
    population: str | None = None
    segment: str | None = None

    @property
    def key(self) -> str:
        """Its name in Valkey. It holds those who appear to members."""
        among = f"{self.period}:{self.population or 'everyone'}"
        if self.segment is None:
            return f"board:members:{among}:{self.scope}"
        # No slug has a slash in it, and so no two sets share a name.
        return f"board:segment:{among}:{self.segment}/{self.scope}"


def sets_of(catalogue: Catalogue, now: datetime) -> list[BoardSet]:
    """The sets of boards, for each period that one can ask for now or in a moment."""
    zone = programme.zone()
    days = {moment.astimezone(zone).date() for moment in (now, now + A_MOMENT)}
    return list(
        dict.fromkeys(
            BoardSet(scope_of(board.kinds), period, board.population, board.segment)
            for board in catalogue.boards
            for day in sorted(days)
            for period in periods_of_board(catalogue, board, day)
        )
    )


def periods_of_board(catalogue: Catalogue, board: BoardDefinition, today: date) -> list[str]:
    """The periods that a board can be read for. One of seasons keeps all that have begun."""
    if board.period != "season":
        return readable_periods(today, board.period)
    seasons = catalogue.seasons_of(board)
    return [ALL_TIME, *(season.period for season in seasons if season.starts_on <= today)]


def readable_periods(today: date, kind: PeriodKind | None = None) -> list[str]:
    """The periods that boards can be read for: all time, the current ones and those before."""
    kinds: tuple[PeriodKind, ...] = ("month", "week") if kind is None else (kind,)
    periods = [ALL_TIME]
    for each in kinds:
        periods += [period_of(today, each), previous_period(today, each)]
    return list(dict.fromkeys(periods))


def mark_of(identity: str, generation: int | str = "") -> str:
    """What a complete set is marked with: its layout, its database, and the doubts so far."""
    return f"{LAYOUT}/{identity}/{generation}"
