"""Flows: streams of activities that criteria measure, shared by rules that measure alike."""

from collections.abc import Iterable, Iterator

import msgspec

from gamification.rules.criteria import (
    ANY_KIND,
    Count,
    Criteria,
    Distinct,
    First,
    Measured,
    Sum,
    Where,
    walk,
)
from gamification.rules.facts import Fact
from gamification.rules.timeline import fits, value_of


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """Activities of a kind that fit a condition, for the member or for each subject.

    With `of` it tells values apart. `window_days` is the longest look back that a rule takes.
    """

    number: int
    kind: str
    where: Where
    of: str | None
    per_subject: bool
    window_days: int | None = None

    def hears(self, fact: Fact) -> bool:
        """Whether the fact runs in this flow."""
        return (
            self.kind in (fact.kind, ANY_KIND)
            and (not self.per_subject or fact.subject != "")
            and (not self.where or fits(self.where, fact))
            and (self.of is None or value_of(self.of, fact) is not None)
        )


def fingerprint(term: Measured | First) -> str:
    """What tells a term's flow from others, and the same for terms that measure alike."""
    match term:
        case First():
            parts: list[object] = [term.kind, {}, None, True]
        case Distinct():
            parts = [term.kind, term.where, term.of, term.per_subject]
        case Count() | Sum():
            parts = [term.kind, term.where, None, term.per_subject]
    return msgspec.json.encode(parts, order="deterministic").decode()


def measured_terms(criteria: Criteria) -> Iterator[Measured | First]:
    """The terms that need a flow."""
    for _, term in walk(criteria):
        if isinstance(term, Count | Sum | Distinct | First):
            yield term


def fingerprints(criterias: Iterable[Criteria]) -> list[str]:
    """The fingerprints of all flows of these criteria, each once, in a stable order."""
    return sorted({fingerprint(term) for each in criterias for term in measured_terms(each)})


def flows_of(criterias: Iterable[Criteria], numbers: dict[str, int]) -> dict[str, Flow]:
    """The flows of these criteria, by fingerprint."""
    flows: dict[str, Flow] = {}
    for each in criterias:
        for term in measured_terms(each):
            print_ = fingerprint(term)
            flow = _flow_of(term, numbers[print_])
            known = flows.get(print_)
            if known is not None:
                longest = max(flow.window_days or 0, known.window_days or 0) or None
                flow = msgspec.structs.replace(flow, window_days=longest)
            flows[print_] = flow
    return flows


def _flow_of(term: Measured | First, number: int) -> Flow:
    if isinstance(term, First):
        return Flow(number=number, kind=term.kind, where={}, of=None, per_subject=True)
    return Flow(
        number=number,
        kind=term.kind,
        where=term.where,
        of=term.of if isinstance(term, Distinct) else None,
        per_subject=term.per_subject,
        window_days=term.within_days,
    )
