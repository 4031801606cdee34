"""Which channels are about which sets of boards."""

from collections.abc import Collection
from datetime import date
from typing import Final

from gamification.boards.sets import BoardSet
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import BoardDefinition
from gamification.catalogue.scopes import scope_of
from gamification.ledger.periods import period_of
from ground import clock, programme

PREFIX: Final = "board"
# What sites hear as `board:{slug}`.
SITE_PREFIX: Final = "site_board"


def channels_of(catalogue: Catalogue, board_sets: Collection[BoardSet]) -> list[str]:
    """The channels of the boards that show one of these sets now."""
    today = clock.now().astimezone(programme.zone()).date()
    slugs = [
        board.slug for board in catalogue.boards if set_of(catalogue, board, today) in board_sets
    ]
    return [f"{prefix}:{slug}" for slug in slugs for prefix in (PREFIX, SITE_PREFIX)]


def set_of(catalogue: Catalogue, board: BoardDefinition, today: date) -> BoardSet | None:
    """The set that a board shows now: of its current month, week or season."""
    if board.period == "season":
        season, _ = catalogue.season_of(board, today)
        if season is None:
            return None
        period = season.period
    else:
        period = period_of(today, board.period)
    return BoardSet(scope_of(board.kinds), period, board.population, board.segment)
