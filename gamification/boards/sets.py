"""The sets in which Valkey holds a copy of boards: one for each that somebody can read."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from gamification.ledger.periods import ALL_TIME, PeriodKind, period_of, previous_period
from gamification.players.tables import Population

# Rises when the sets are laid out in another way, so that older ones are built again.
LAYOUT = 1


class BoardSet(NamedTuple):
    """Who competes with which points of a scope, in a period, among all or one population.

    Boards that say the same share a set.
    """

    scope: str
    period: str
    population: str | None = None

    @property
    def key(self) -> str:
        """Its name in Valkey. It holds those who appear to members."""
        return f"board:members:{self.period}:{self.population or 'everyone'}:{self.scope}"


def sets_of(scope: str, period: str) -> Iterator[BoardSet]:
    """All sets that a score can be in."""
    for population in (None, *(population.value for population in Population)):
        yield BoardSet(scope, period, population)


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
