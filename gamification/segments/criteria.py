"""Criteria over members: whom a segment is of, as data.

Each term is a small struct that is written in TOML or JSON as a table with its `term`:

    {term = "tier", at_least = "gold"}
    {term = "count", kind = "review", at_least = 3, within_days = 30}
    {term = "all", of = [{term = "language", one_of = ["fr"]}, {term = "silent", for_days = 60}]}

They speak of how members stand now, where those of badges speak of what ever happened. No term
names another segment, so there are no circles.
"""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from gamification.players.tables import Population
from gamification.rules.criteria import ANY_KIND, KindSlug, Slug, Threshold
from ground.languages import Language

Days = Annotated[int, Meta(ge=1, le=3660)]
# Longer windows would read more of the ledger than a preview has time for.
WindowDays = Annotated[int, Meta(ge=1, le=366)]


class _Term(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="term"
):
    pass


class InTier(_Term, frozen=True, tag="tier"):
    """Members whose tier is one of these, or this one and those above it."""

    one_of: Annotated[list[Slug], Meta(min_length=1, max_length=50)] | None = None
    at_least: Slug | None = None


class HasBadge(_Term, frozen=True, tag="badge"):
    """Members who hold a badge, or any one of several."""

    one_of: Annotated[list[Slug], Meta(min_length=1, max_length=50)]


class Active(_Term, frozen=True, tag="active"):
    """Members who did something today or in the days before, so many days in all."""

    within_days: Days


class Silent(_Term, frozen=True, tag="silent"):
    """Members who did nothing for so many days. Who joined since isn't silent yet."""

    for_days: Days


class Did(_Term, frozen=True, tag="count"):
    """Members with at least so many activities of a kind within so many days.

    `*` is anything that they did themselves.
    """

    at_least: Threshold
    within_days: WindowDays
    kind: KindSlug = ANY_KIND


class Tenure(_Term, frozen=True, tag="tenure"):
    """Members for at least so many days, or for at most so many, or both."""

    at_least_days: Days | None = None
    at_most_days: Days | None = None


class Speaks(_Term, frozen=True, tag="language"):
    """Members who chose one of these languages."""

    one_of: Annotated[list[Language], Meta(min_length=1, max_length=10)]


class Belongs(_Term, frozen=True, tag="population"):
    """Members of one of these populations."""

    one_of: Annotated[list[Population], Meta(min_length=1, max_length=10)]


class InAll(_Term, frozen=True, tag="all"):
    """Every one of the terms."""

    of: Annotated[list["SegmentCriteria"], Meta(min_length=1, max_length=30)]


class InAny(_Term, frozen=True, tag="any"):
    """One of the terms or more."""

    of: Annotated[list["SegmentCriteria"], Meta(min_length=1, max_length=30)]


class InNone(_Term, frozen=True, tag="none"):
    """Not a single one of the terms."""

    of: Annotated[list["SegmentCriteria"], Meta(min_length=1, max_length=30)]


Combined = InAll | InAny | InNone
SegmentCriteria = (
    InTier | HasBadge | Active | Silent | Did | Tenure | Speaks | Belongs | InAll | InAny | InNone
)


def walk(criteria: SegmentCriteria, place: str = "") -> Iterator[tuple[str, SegmentCriteria]]:
    """Every term with its place, such as `/of/1`."""
    yield place, criteria
    if isinstance(criteria, Combined):
        for number, part in enumerate(criteria.of):
            yield from walk(part, f"{place}/of/{number}")
