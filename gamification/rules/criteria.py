"""The criteria algebra: what a badge, a tier or a challenge asks for, as data.

Each term is a small struct that is written in TOML or JSON as a table with its `term`:

    {term = "count", kind = "review", at_least = 3}
    {term = "sum", kind = "vote", per_subject = true, at_least = 10}
    {term = "distinct", kind = "thanks", of = "giver", at_least = 5, within_days = 30}
    {term = "all", of = [{term = "streak", unit = "week", at_least = 4}, ...]}

With a `season`, only what was done in it counts. What the terms mean in time is in
`timeline`; this module only says what they are.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Scalar = str | int | bool
# A `$` alone would let a line break through at the end.
Slug = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[a-z0-9][a-z0-9._:-]*(?!\n)$")]
KindSlug = Annotated[
    str, Meta(min_length=1, max_length=80, pattern=r"^(\*|[a-z0-9][a-z0-9._:-]*)(?!\n)$")
]
FieldName = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*(?!\n)$")]
Where = dict[FieldName, Scalar | list[Scalar]]
Threshold = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Days = Annotated[int, Meta(ge=1, le=3660)]

ANY_KIND = "*"


class _Term(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="term"
):
    pass


class Count(_Term, frozen=True, tag="count"):
    """At least so many activities of a kind (`*` is any kind)."""

    kind: KindSlug
    at_least: Threshold
    where: Where = {}
    within_days: Days | None = None
    per_subject: bool = False
    season: Slug | None = None


class Sum(_Term, frozen=True, tag="sum"):
    """Quantities of a kind of activity that add up to at least so much."""

    kind: KindSlug
    at_least: Threshold
    where: Where = {}
    within_days: Days | None = None
    per_subject: bool = False
    season: Slug | None = None


class Distinct(_Term, frozen=True, tag="distinct"):
    """At least so many different values of a field, or different subjects or days."""

    kind: KindSlug
    of: FieldName
    at_least: Threshold
    where: Where = {}
    within_days: Days | None = None
    per_subject: bool = False
    season: Slug | None = None


class Points(_Term, frozen=True, tag="points"):
    """At least so many points, of all kinds together."""

    at_least: Threshold
    season: Slug | None = None


class First(_Term, frozen=True, tag="first"):
    """The subject was the first of its kind on its parent.

    With `that`: no earlier one on the same parent has fulfilled `that` so far.
    """

    kind: KindSlug
    that: "Criteria | None" = None


class Age(_Term, frozen=True, tag="age"):
    """Days since the membership or the subject began, or from the parent to the subject."""

    of: Literal["membership", "subject"]
    at_least_days: Days
    since: Literal["parent"] | None = None


class StreakOf(_Term, frozen=True, tag="streak"):
    """So many active days, weeks or months in a row, in the member's time zone."""

    unit: Literal["day", "week", "month"]
    at_least: Annotated[int, Meta(ge=1, le=3660)]


class Holds(_Term, frozen=True, tag="holds"):
    """The member holds another badge, or a tier."""

    badge: Slug | None = None
    tier: Slug | None = None


class ByHand(_Term, frozen=True, tag="by_hand"):
    """Nothing that members do earns it: managers give it."""


class All(_Term, frozen=True, tag="all"):
    """Every one of the terms."""

    of: Annotated[list["Criteria"], Meta(min_length=1, max_length=50)]


class AnyOf(_Term, frozen=True, tag="any"):
    """One of the terms or more."""

    of: Annotated[list["Criteria"], Meta(min_length=1, max_length=50)]


class NoneOf(_Term, frozen=True, tag="none"):
    """Not a single one of the terms."""

    of: Annotated[list["Criteria"], Meta(min_length=1, max_length=50)]


class AtLeast(_Term, frozen=True, tag="at_least"):
    """So many of the terms."""

    n: Annotated[int, Meta(ge=1, le=50)]
    of: Annotated[list["Criteria"], Meta(min_length=1, max_length=50)]


Measured = Count | Sum | Distinct
OfASeason = Count | Sum | Distinct | Points
Criteria = (
    Count
    | Sum
    | Distinct
    | Points
    | First
    | Age
    | StreakOf
    | Holds
    | ByHand
    | All
    | AnyOf
    | NoneOf
    | AtLeast
)


def parts(criteria: Criteria) -> tuple[Criteria, ...]:
    """The terms directly inside a term."""
    match criteria:
        case All() | AnyOf() | NoneOf() | AtLeast():
            return tuple(criteria.of)
        case First(that=that) if that is not None:
            return (that,)
        case _:
            return ()


def walk(criteria: Criteria, place: str = "") -> Iterator[tuple[str, Criteria]]:
    """Every term with its place, such as `/of/1/that`, the outermost first."""
    yield place, criteria
    match criteria:
        case All() | AnyOf() | NoneOf() | AtLeast():
            for number, part in enumerate(criteria.of):
                yield from walk(part, f"{place}/of/{number}")
        case First(that=that) if that is not None:
            yield from walk(that, f"{place}/that")
        case _:
            pass


def about_subjects(criteria: Criteria) -> bool:
    """Whether the criteria are about one subject at a time, such as one post."""
    return any(_about_one_subject(term) for _, term in walk(criteria))


def _about_one_subject(term: Criteria) -> bool:
    match term:
        case Count() | Sum() | Distinct():
            return term.per_subject
        case First():
            return True
        case Age():
            return term.of == "subject"
        case _:
            return False


def kinds_in(criteria: Criteria) -> frozenset[str]:
    """The kinds of activity that can change the answer. Points and streaks hear all of them."""
    found: set[str] = set()
    for _, term in walk(criteria):
        match term:
            case Count() | Sum() | Distinct() | First():
                found.add(term.kind)
            case Points() | StreakOf():
                found.add(ANY_KIND)
            case _:
                pass
    return frozenset(found)


def holds_in(criteria: Criteria) -> tuple[frozenset[str], frozenset[str]]:
    """The badges and the tiers that the criteria look at."""
    terms = [term for _, term in walk(criteria) if isinstance(term, Holds)]
    badges = frozenset(term.badge for term in terms if term.badge)
    tiers = frozenset(term.tier for term in terms if term.tier)
    return badges, tiers


def seasons_in(criteria: Criteria) -> frozenset[str]:
    """The seasons that the criteria name."""
    return frozenset(
        term.season
        for _, term in walk(criteria)
        if isinstance(term, OfASeason) and term.season is not None
    )


def in_season(criteria: Criteria, season: str) -> Criteria:
    """The same criteria about one season, where a term doesn't name another."""
    match criteria:
        case Count() | Sum() | Distinct() | Points() if criteria.season is None:
            return msgspec.structs.replace(criteria, season=season)
        case All() | AnyOf() | NoneOf() | AtLeast():
            inside = [in_season(part, season) for part in criteria.of]
            return msgspec.structs.replace(criteria, of=inside)
        case _:
            return criteria


def needs_activity(criteria: Criteria) -> bool:
    """Whether the criteria can't hold before something is counted."""
    match criteria:
        case Count() | Sum() | Distinct() | Points():
            return True
        case All(of=terms):
            return any(map(needs_activity, terms))
        case AnyOf(of=terms):
            return all(map(needs_activity, terms))
        case AtLeast(n=n, of=terms):
            return sum(not needs_activity(term) for term in terms) < n
        case _:
            return False
