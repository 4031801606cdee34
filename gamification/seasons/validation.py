"""Whether seasons can be published: with the place and the reason of what can't. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Literal, Protocol

from gamification.catalogue.definitions import BadgeDefinition, SeasonDefinition
from gamification.rules.criteria import Age, needs_activity, walk
from gamification.seasons.season import Season
from ground.errors import FieldError

EARLIEST: Final = date(1970, 1, 1)
LATEST: Final = date(2999, 12, 31)
LONGEST: Final = timedelta(days=400)


class InForce(Protocol):
    """A season that is in force."""

    @property
    def days(self) -> Season: ...


class Before(Protocol):
    """What is in force before the publication."""

    @property
    def seasons(self) -> Mapping[str, InForce]: ...


def faults(
    seasons: Sequence[SeasonDefinition], before: Before, today: date
) -> Iterator[FieldError]:
    """What speaks against these seasons, on a day of the programme."""
    for number, season in enumerate(seasons):
        place = f"/season/{number}"
        if season.starts_on < EARLIEST or season.ends_on > LATEST:
            where = "starts_on" if season.starts_on < EARLIEST else "ends_on"
            yield FieldError(f"{place}/{where}", f"Not between {EARLIEST} and {LATEST}")
        elif season.ends_on < season.starts_on:
            yield FieldError(f"{place}/ends_on", "Before it starts")
        elif season.ends_on - season.starts_on >= LONGEST:
            yield FieldError(f"{place}/ends_on", f"More than {LONGEST.days} days")
        known = before.seasons.get(season.slug)
        if known is not None:
            yield from _changes(season, known.days, place, today)


def _changes(
    season: SeasonDefinition, known: Season, place: str, today: date
) -> Iterator[FieldError]:
    """A day that has begun stays in its season, or out of it."""
    if known.retired:
        yield FieldError(f"{place}/slug", "Retired: give the other season another slug")
        return
    for end in ends_that_were(season, known, today):
        yield FieldError(
            f"{place}/{end}",
            f"Can't change for days that have begun: the first that can is after {today}",
        )


def ends_that_were(
    season: SeasonDefinition | Season, known: Season, today: date
) -> Iterator[Literal["starts_on", "ends_on"]]:
    """Which end of a season would let days that have begun leave it, or enter it."""
    if season.starts_on != known.starts_on and min(season.starts_on, known.starts_on) <= today:
        yield "starts_on"
    # Today it can still end; it can't have ended.
    if season.ends_on != known.ends_on and min(season.ends_on, known.ends_on) < today:
        yield "ends_on"


def faults_of_badge(badge: BadgeDefinition, place: str) -> Iterator[FieldError]:
    """What speaks against a badge that is earned again in each season."""
    if not needs_activity(badge.criteria):
        yield FieldError(
            f"{place}/earned", "Earned per season, and could be without doing anything in it"
        )
    for inside, term in walk(badge.criteria):
        if isinstance(term, Age) and term.since is None:
            yield FieldError(
                f"{place}/criteria{inside}", "Time may be up after the season: ask for a badge"
            )
