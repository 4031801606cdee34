"""The catalogue in force, arranged so that an activity finds the rules it can touch."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final

from gamification.catalogue.definitions import (
    BadgeDefinition,
    SegmentDefinition,
    TierDefinition,
)
from gamification.catalogue.layers import layered
from gamification.catalogue.on_boards import OnBoards
from gamification.catalogue.rule import Node, Rule
from gamification.rules.criteria import (
    ANY_KIND,
    Points,
    StreakOf,
    kinds_in,
)
from gamification.rules.facts import Fact
from gamification.rules.flows import (
    Flow,
    fingerprint,
    flows_of,
    joined,
    measured_terms,
    streams,
)
from gamification.rules.promise import Promise, promise_of

# How many different activities are remembered by what runs them.
MOST_SHAPES: Final = 1_000


class Catalogue(OnBoards, frozen=True, kw_only=True, dict=True):
    """All that is published.

    `rules` decide: one for each badge and tier, and for a badge of seasons one for each. In
    `published` each badge and tier is once, as it was written. What is `ahead` comes into
    force once it is counted: it is counted already, and nothing is decided by it.
    """

    revision: int
    rules: tuple[Rule, ...]
    published: tuple[Rule, ...]
    segments: Mapping[str, SegmentDefinition]
    flow_numbers: Mapping[str, int]
    ahead: "Catalogue | None" = None

    @cached_property
    def said(self) -> dict[tuple[str, str], Any]:
        """What was put into words of it before, by what and language: it never changes."""
        return {}

    @cached_property
    def flows(self) -> Mapping[str, Flow]:
        mine = flows_of(
            [criteria for rule in self.rules for criteria in rule.criterias],
            self.flow_numbers,
            {slug: season.days for slug, season in self.seasons.items()},
        )
        return mine if self.ahead is None else joined(mine, self.ahead.flows)

    @cached_property
    def flows_by_kind(self) -> Mapping[str, tuple[Flow, ...]]:
        """The flows that an activity of a kind can run in."""
        every = tuple(flow for flow in self.flows.values() if flow.kind == ANY_KIND)
        return {
            kind: (*(flow for flow in self.flows.values() if flow.kind == kind), *every)
            for kind in self.kinds
        }

    def flows_heard(self, fact: Fact) -> tuple[Flow, ...]:
        """The flows that an activity runs in. Most are like others before, and asked of once."""
        shape = self._shape_of_kind.get(fact.kind)
        if shape is None:
            return tuple(each for each in self.flows_by_kind.get(fact.kind, ()) if each.hears(fact))
        given = fact.fields
        alike = (
            fact.kind,
            fact.subject == "",
            *((type(given.get(f)), given.get(f)) for f in shape),
        )
        known = self._flows_of_shape.get(alike)
        if known is None:
            known = tuple(each for each in self.flows_by_kind[fact.kind] if each.hears(fact))
            if len(self._flows_of_shape) < MOST_SHAPES:
                self._flows_of_shape[alike] = known
        return known

    @cached_property
    def _flows_of_shape(self) -> dict[tuple[object, ...], tuple[Flow, ...]]:
        return {}

    @cached_property
    def _shape_of_kind(self) -> Mapping[str, tuple[str, ...]]:
        """The fields that tell the flows of a kind apart, unless the day or any value does."""
        return {
            kind: tuple(sorted({name for flow in flows for name in flow.where}))
            for kind, flows in self.flows_by_kind.items()
            if all(flow.season is None and flow.of is None for flow in flows)
        }

    @cached_property
    def rules_by_flow(self) -> Mapping[int, tuple[Rule, ...]]:
        """The rules that measure a flow directly, not through a sibling."""
        found: dict[int, list[Rule]] = {}
        for rule in self.rules:
            inside = {
                id(term)
                for first in rule.firsts
                if first.that is not None
                for term in measured_terms(first.that)
            }
            numbers = {
                self.flows[fingerprint(term)].number
                for criteria in rule.criterias
                for term in measured_terms(criteria)
                if id(term) not in inside
            }
            for number in numbers:
                found.setdefault(number, []).append(rule)
        return {number: tuple(rules) for number, rules in found.items()}

    @cached_property
    def subject_flows(self) -> frozenset[int]:
        """The numbers of the flows that run for each subject by itself."""
        return frozenset(flow.number for flow in self.flows.values() if flow.per_subject)

    @cached_property
    def origin_rules(self) -> tuple[Rule, ...]:
        """The rules that look at when a subject was opened."""
        return tuple(rule for rule in self.rules if rule.looks_at_origins)

    def opens_subject(self, kind: str) -> bool:
        """Whether an activity of the kind brings its subject into being."""
        found = self.kinds.get(kind)
        return found is not None and found.definition.opens_subject

    @cached_property
    def sibling_rules(self) -> tuple[Rule, ...]:
        """The rules that look at what stands beside or above a subject."""
        return tuple(rule for rule in self.rules if rule.firsts or rule.looks_at_parents)

    @cached_property
    def flow_of_term(self) -> Mapping[int, Flow]:
        """The flow of each term, by the identity of the term in this catalogue."""
        return {
            id(term): self.flows[fingerprint(term)]
            for rule in self.rules
            for term in rule.terms
            if streams(term)
        }

    @cached_property
    def promises(self) -> Mapping[Rule, tuple[Promise, ...]]:
        """For each rule and each of its versions: whether totals leave it open that it holds."""
        flows = self.flow_of_term
        return {
            rule: tuple(promise_of(span.criteria, flows) for span in rule.spans)
            for rule in self.rules
        }

    @cached_property
    def layers(self) -> tuple[tuple[Rule, ...], ...]:
        """The rules so that each comes after all that it looks at."""
        return layered(self.rules)

    @cached_property
    def dependents(self) -> Mapping[Node, tuple[Rule, ...]]:
        """The rules that look at a badge or tier."""
        found: dict[Node, list[Rule]] = {}
        for rule in self.rules:
            for node in rule.looks_at:
                found.setdefault(node, []).append(rule)
        return {node: tuple(rules) for node, rules in found.items()}

    @cached_property
    def due_by_the_clock(self) -> frozenset[Node]:
        """The badges and tiers that time can complete, and all that look at these."""
        found = {rule.node for rule in self.rules if rule.by_the_clock}
        open_ = list(found)
        while open_:
            looking = {rule.node for rule in self.dependents.get(open_.pop(), ())} - found
            found |= looking
            open_ += looking
        return frozenset(found)

    @cached_property
    def neighbourly_kinds(self) -> frozenset[str]:
        """The kinds of activity on a subject that can matter to subjects beside or below it."""
        openers = {kind for kind in self.kinds if self.opens_subject(kind)}
        inside = {
            kind
            for rule in self.sibling_rules
            for first in rule.firsts
            if first.that is not None
            for kind in kinds_in(first.that)
        }
        return frozenset(openers | inside) if ANY_KIND not in inside else frozenset(self.kinds)

    def flows_of_rule(self, rule: Rule) -> frozenset[int]:
        """The numbers of the flows that a rule measures directly."""
        return self._flows_by_rule[rule]

    @cached_property
    def _flows_by_rule(self) -> Mapping[Rule, frozenset[int]]:
        found: dict[Rule, set[int]] = {rule: set() for rule in self.rules}
        for number, rules in self.rules_by_flow.items():
            for rule in rules:
                found[rule].add(number)
        return {rule: frozenset(numbers) for rule, numbers in found.items()}

    @cached_property
    def rules_by_node(self) -> Mapping[Node, Rule]:
        """Each badge and tier as it was published."""
        return {rule.node: rule for rule in self.published}

    def rule_on(self, rule: Rule, day: date) -> Rule | None:
        """What decides about a badge or tier on a day: of a badge of seasons, the current one's."""
        if not rule.of_seasons:
            return rule
        season = self.current_season(rule.slug, day)
        mine = (each for each in self.rules if each.node == rule.node)
        return next((each for each in mine if season and each.season == season.slug), None)

    @cached_property
    def always_touched(self) -> tuple[Rule, ...]:
        """The rules about points or streaks, which any activity can touch."""
        return tuple(
            rule
            for rule in self.rules
            if any(isinstance(term, Points | StreakOf) and not streams(term) for term in rule.terms)
        )

    @cached_property
    def tiers(self) -> tuple[TierDefinition, ...]:
        """The tiers in force, the lowest first."""
        tiers = [
            rule.definition
            for rule in self.published
            if isinstance(rule.definition, TierDefinition) and not rule.retired
        ]
        return tuple(sorted(tiers, key=lambda tier: (tier.rank, tier.slug)))

    @cached_property
    def badges(self) -> tuple[BadgeDefinition, ...]:
        """The badges in force, by slug."""
        return tuple(
            rule.definition
            for rule in self.published
            if isinstance(rule.definition, BadgeDefinition) and not rule.retired
        )
