"""Whether a segment's criteria can be published: place and reason of what doesn't fit. Pure."""

from collections.abc import Container, Iterator
from typing import Final, NamedTuple

from gamification.rules.criteria import ANY_KIND
from gamification.segments.criteria import Did, HasBadge, InTier, SegmentCriteria, Tenure, walk
from ground.errors import FieldError

DEEPEST: Final = 5
MOST_TERMS: Final = 30
# Each reads the ledger, as far back as a year.
MOST_COUNTS: Final = 5


class Known(NamedTuple):
    """What criteria may ask for: the slugs in force."""

    kinds: Container[str]
    badges: Container[str]
    tiers: Container[str]


def faults(criteria: SegmentCriteria, start: str, known: Known) -> Iterator[FieldError]:
    """What speaks against the criteria, wherever in them it is."""
    terms = list(walk(criteria))
    if len(terms) > MOST_TERMS:
        yield FieldError(start, f"{len(terms)} terms; {MOST_TERMS} at most")
    counts = [place for place, term in terms if isinstance(term, Did)]
    if len(counts) > MOST_COUNTS:
        yield FieldError(start, f"{len(counts)} terms that count activities; {MOST_COUNTS} at most")
    for place, term in terms:
        if place.count("/of") >= DEEPEST:
            yield FieldError(start + place, f"More than {DEEPEST} levels deep")
        yield from _term(term, start + place, known)


def _term(term: SegmentCriteria, place: str, known: Known) -> Iterator[FieldError]:
    match term:
        case InTier():
            yield from _tier(term, place, known)
        case HasBadge(one_of=badges):
            yield from _each("badge", badges, f"{place}/one_of", known.badges)
        case Did(kind=kind) if kind != ANY_KIND:
            yield from _one("kind", kind, f"{place}/kind", known.kinds)
        case Tenure():
            yield from _tenure(term, place)
        case _:
            pass


def _tier(term: InTier, place: str, known: Known) -> Iterator[FieldError]:
    if (term.one_of is None) == (term.at_least is None):
        yield FieldError(place, "Names either `one_of` or `at_least`")
    yield from _each("tier", term.one_of or [], f"{place}/one_of", known.tiers)
    if term.at_least is not None:
        yield from _one("tier", term.at_least, f"{place}/at_least", known.tiers)


def _tenure(term: Tenure, place: str) -> Iterator[FieldError]:
    if term.at_least_days is None and term.at_most_days is None:
        yield FieldError(place, "Says `at_least_days`, `at_most_days` or both")
    elif term.at_most_days is not None and term.at_most_days < (term.at_least_days or 0):
        yield FieldError(f"{place}/at_most_days", "Less than `at_least_days`: this fits nobody")


def _each(what: str, slugs: list[str], place: str, there: Container[str]) -> Iterator[FieldError]:
    for number, slug in enumerate(slugs):
        yield from _one(what, slug, f"{place}/{number}", there)


def _one(what: str, slug: str, place: str, there: Container[str]) -> Iterator[FieldError]:
    if slug not in there:
        yield FieldError(place, f"There is no {what} {slug!r}")
