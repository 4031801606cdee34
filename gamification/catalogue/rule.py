"""A badge or a tier with all that decides about it."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Literal

import msgspec

from gamification.catalogue.definitions import (
    BadgeDefinition,
    TierDefinition,
)
from gamification.rules.criteria import (
    Age,
    Criteria,
    First,
    NoneOf,
    about_subjects,
    holds_in,
    kinds_in,
    walk,
)
from gamification.seasons.season import Season

Node = tuple[Literal["badge", "tier"], str]


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a rule's criteria, and the facts it is about: from `since`, before `until`."""

    version: int
    criteria: Criteria
    stays_while: Criteria | None = None
    since: datetime | None = None
    until: datetime | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True, dict=True, eq=False):
    """A badge or a tier with all that decides about it. One is only ever equal to itself.

    A badge that is earned per season has a rule for each `season`. In `seasons` are all that
    its criteria name.
    """

    definition: BadgeDefinition | TierDefinition
    spans: tuple[Span, ...]
    version: int
    retired: bool = False
    season: str = ""
    seasons: Mapping[str, Season] = {}

    @property
    def slug(self) -> str:
        return self.definition.slug

    @cached_property
    def node(self) -> Node:
        return ("badge" if isinstance(self.definition, BadgeDefinition) else "tier", self.slug)

    @cached_property
    def criterias(self) -> tuple[Criteria, ...]:
        """All criteria of all versions, also those that keep a tier."""
        kept = [span.stays_while for span in self.spans if span.stays_while is not None]
        return (*(span.criteria for span in self.spans), *kept)

    @cached_property
    def about_subjects(self) -> bool:
        """Whether it is decided for each subject by itself."""
        return any(about_subjects(criteria) for criteria in self.criterias)

    @cached_property
    def once(self) -> bool:
        """Whether a member has it at most once, or once a season."""
        return (
            isinstance(self.definition, TierDefinition) or self.definition.earned != "per_subject"
        )

    @cached_property
    def of_seasons(self) -> bool:
        """Whether it is a badge that can be earned again in each season."""
        return (
            isinstance(self.definition, BadgeDefinition) and self.definition.earned == "per_season"
        )

    @cached_property
    def kept(self) -> bool:
        """Whether later facts leave it alone."""
        return isinstance(self.definition, BadgeDefinition) and self.definition.kept

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of activity it has to look at."""
        return frozenset[str]().union(*(kinds_in(criteria) for criteria in self.criterias))

    @cached_property
    def looks_at(self) -> frozenset[Node]:
        """The badges and tiers it asks for."""
        nodes: set[Node] = set()
        for criteria in self.criterias:
            badges, tiers = holds_in(criteria)
            nodes |= {("badge", slug) for slug in badges} | {("tier", slug) for slug in tiers}
        return frozenset(nodes)

    @cached_property
    def terms(self) -> tuple[Criteria, ...]:
        return tuple(term for criteria in self.criterias for _, term in walk(criteria))

    @cached_property
    def firsts(self) -> tuple[First, ...]:
        """The terms that look at siblings."""
        return tuple(term for term in self.terms if isinstance(term, First))

    def kinds_inside(self, first: First) -> frozenset[str]:
        """The kinds of activity that decide whether a sibling fulfilled a term's `that`."""
        return self._kinds_inside[id(first)]

    @cached_property
    def _kinds_inside(self) -> dict[int, frozenset[str]]:
        nothing = frozenset[str]()
        return {id(t): nothing if t.that is None else kinds_in(t.that) for t in self.firsts}

    @cached_property
    def looks_at_parents(self) -> bool:
        return any(isinstance(term, Age) and term.since == "parent" for term in self.terms)

    @cached_property
    def looks_at_origins(self) -> bool:
        return any(isinstance(term, Age) and term.of == "subject" for term in self.terms)

    @cached_property
    def by_the_clock(self) -> tuple[Age, ...]:
        """The terms that time alone fulfils."""
        return tuple(term for term in self.terms if isinstance(term, Age) and term.since is None)

    @cached_property
    def only_rises(self) -> bool:
        """Whether later facts can only help, unless a quantity is negative."""
        return not any(isinstance(term, First) or _denies(term) for term in self.terms)


def _denies(term: Criteria) -> bool:
    return isinstance(term, NoneOf)
