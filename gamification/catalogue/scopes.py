"""What boards add up: which kinds together, and in which season. Pure."""

from collections.abc import Iterable
from hashlib import sha256

from gamification.catalogue.definitions import BoardDefinition
from gamification.catalogue.prefixed import prefix_of
from gamification.rules.criteria import ANY_KIND
from gamification.seasons.season import Season

LONGEST_SCOPE = 80


def scope_of(kinds: Iterable[str]) -> str:
    """The name of a set of kinds in the boards' points."""
    name = "+".join(sorted(set(kinds))) or ANY_KIND
    return name if len(name) <= LONGEST_SCOPE else sha256(name.encode()).hexdigest()


def is_about(board: BoardDefinition, season: Season) -> bool:
    """Whether a board shows this season, now or at another time."""
    if board.period != "season":
        return False
    if board.season is None:
        return prefix_of(board.slug) == prefix_of(season.slug)
    return board.season == season.slug
