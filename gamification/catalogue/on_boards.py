"""The part of a catalogue that boards add up: which points count where, and in which season."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property

import msgspec

from gamification.catalogue.definitions import BoardDefinition, SeasonDefinition
from gamification.catalogue.kind import KindInForce
from gamification.catalogue.prefixed import prefix_of
from gamification.catalogue.scopes import is_about, scope_of
from gamification.ledger.periods import periods_of
from gamification.rules.criteria import ANY_KIND
from gamification.seasons.season import Season, current_and_before

# Days are few, but whoever invents dates shouldn't fill the memory.
MOST_DAYS = 4_000


class SeasonInForce(msgspec.Struct, frozen=True):
    """A season as it is called, with its days."""

    definition: SeasonDefinition
    days: Season


class OnBoards(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Kinds, seasons and boards."""

    seasons: Mapping[str, SeasonInForce]
    kinds: Mapping[str, KindInForce]
    boards: tuple[BoardDefinition, ...]
    # What comes into force once it is counted: it is counted already.
    ahead: "OnBoards | None" = None

    @cached_property
    def scopes(self) -> Mapping[str, frozenset[str]]:
        """The scopes of kinds that boards add up; an empty set means every kind."""
        ahead = {} if self.ahead is None else self.ahead.scopes
        mine = {scope_of(board.kinds): frozenset(board.kinds) for board in self.boards}
        return {**ahead, **mine, ANY_KIND: frozenset()}

    @cached_property
    def scopes_by_kind(self) -> Mapping[str, tuple[str, ...]]:
        return {
            kind: tuple(scope for scope, kinds in self.scopes.items() if not kinds or kind in kinds)
            for kind in self.kinds
        }

    @cached_property
    def scopes_of_seasons(self) -> Mapping[str, frozenset[str]]:
        """The scopes that are added up for each season: every kind's, and those of its boards."""
        found = {} if self.ahead is None else dict(self.ahead.scopes_of_seasons)
        for slug, season in self.seasons.items():
            mine = {scope_of(b.kinds) for b in self.boards if is_about(b, season.days)}
            if not season.days.retired:
                found[slug] = found.get(slug, frozenset()) | {ANY_KIND} | mine
        return found

    def seasons_of(self, board: BoardDefinition) -> list[Season]:
        """The seasons that a board can be read for."""
        days = (season.days for season in self.seasons.values())
        return [each for each in days if not each.retired and is_about(board, each)]

    def season_of(self, board: BoardDefinition, day: date) -> tuple[Season | None, Season | None]:
        """The season that a board is about on a day, and the one before it."""
        seasons = self.seasons_of(board)
        if board.season is not None:
            return (seasons[0] if seasons else None), None
        return current_and_before(seasons, day)

    def days_of_season(self, slug: str) -> Season:
        """The days of a season, also of one that is ahead."""
        if slug not in self.seasons and self.ahead is not None:
            return self.ahead.days_of_season(slug)
        return self.seasons[slug].days

    def places_on_boards(self, kind: str, day: date) -> tuple[tuple[str, str], ...]:
        """The scopes and periods in which points of a kind count that a day brought."""
        known = self._places.get((kind, day))
        if known is None:
            scopes = self.scopes_by_kind.get(kind, ())
            known = (
                *((scope, period) for period in periods_of(day) for scope in scopes),
                *(
                    (scope, self.days_of_season(slug).period)
                    for slug, of_season in self.scopes_of_seasons.items()
                    if self.days_of_season(slug).has(day)
                    for scope in scopes
                    if scope in of_season
                ),
            )
            if len(self._places) >= MOST_DAYS:
                self._places.clear()
            self._places[kind, day] = known
        return known

    @cached_property
    def _places(self) -> dict[tuple[str, date], tuple[tuple[str, str], ...]]:
        return {}

    def current_season(self, slug: str, day: date) -> Season | None:
        """The season that something of this slug is about on a day."""
        return current_and_before(self.seasons_beside(slug), day)[0]

    def seasons_beside(self, slug: str) -> list[Season]:
        """The seasons of the same prefix."""
        return [
            season.days
            for name, season in self.seasons.items()
            if prefix_of(name) == prefix_of(slug)
        ]
