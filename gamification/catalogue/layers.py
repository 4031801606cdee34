"""The order in which rules are decided. Pure."""

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from gamification.catalogue.errors import CriteriaCycle
from gamification.catalogue.rule import Node, Rule


def layered(rules: Iterable[Rule]) -> tuple[tuple[Rule, ...], ...]:
    """Sort rules into layers. Raise `CriteriaCycle` with its path where they form a circle."""
    by_node: dict[Node, list[Rule]] = {}
    looks_at: dict[Node, set[Node]] = {}
    for rule in rules:
        by_node.setdefault(rule.node, []).append(rule)
        looks_at.setdefault(rule.node, set()).update(rule.looks_at)
    sorter = TopologicalSorter(looks_at)
    try:
        sorter.prepare()
    except CycleError as cycle:
        raise CriteriaCycle([f"{what} {slug}" for what, slug in cycle.args[1]]) from cycle
    layers = []
    while sorter.is_active():
        ready = sorter.get_ready()
        layers.append(tuple(rule for node in sorted(ready) for rule in by_node.get(node, ())))
        sorter.done(*ready)
    return tuple(layer for layer in layers if layer)
