"""Flows: streams of activities that criteria measure, shared by rules that measure alike."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeGuard

import msgspec

from gamification.rules.criteria import (
    ANY_KIND,
    Count,
    Criteria,
    Distinct,
    First,
    Measured,
    Points,
    Sum,
    Where,
    walk,
)
from gamification.rules.facts import Fact
from gamification.rules.timeline import fits, value_of
from gamification.seasons.season import Season

Streaming = Measured | First | Points

NO_SEASONS: Final[Mapping[str, Season]] = {}


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """Activities of a kind that fit a condition, for the member or for each subject.

    With `of` it tells values apart. `window_days` is the longest look back that a rule takes.
    One of a season's points adds up what activities are worth, which is never less than the
    points that caps and cool-downs leave of it. It hears of the day before the season too:
    what was done then can fill the cap of a member's day that both share.
    """

    number: int
    kind: str
    where: Where
    of: str | None
    per_subject: bool
    window_days: int | None = None
    season: Season | None = None
    of_points: bool = False

    def hears(self, fact: Fact) -> bool:
        """Whether the fact runs in this flow."""
        return (
            self.kind in (fact.kind, ANY_KIND)
            and (self.season is None or self.season.has(fact.programme_day))
            and (not self.per_subject or fact.subject != "")
            and (not self.where or fits(self.where, fact))
            and (self.of is None or value_of(self.of, fact) is not None)
        )


def fingerprint(term: Streaming) -> str:
    """What tells a term's flow from others, and the same for terms that measure alike."""
    parts: list[object]
    match term:
        case Points():
            parts = [ANY_KIND, {}, None, False, term.season, "points"]
        case First():
            parts = [term.kind, {}, None, True]
        case Distinct():
            parts = [term.kind, term.where, term.of, term.per_subject]
        case Count() | Sum():
            parts = [term.kind, term.where, None, term.per_subject]
    if isinstance(term, Measured) and term.season is not None:
        parts.append(term.season)
    return msgspec.json.encode(parts, order="deterministic").decode()


def streams(term: Criteria) -> TypeGuard[Streaming]:
    """Whether a term needs a flow. Points of all time are in everybody's standing."""
    if isinstance(term, Points):
        return term.season is not None
    return isinstance(term, Streaming)


def measured_terms(criteria: Criteria) -> Iterator[Streaming]:
    """The terms that need a flow."""
    for _, term in walk(criteria):
        if streams(term):
            yield term


def fingerprints(criterias: Iterable[Criteria]) -> list[str]:
    """The fingerprints of all flows of these criteria, each once, in a stable order."""
    return sorted({fingerprint(term) for each in criterias for term in measured_terms(each)})


def flows_of(
    criterias: Iterable[Criteria],
    numbers: Mapping[str, int],
    seasons: Mapping[str, Season] = NO_SEASONS,
) -> dict[str, Flow]:
    """The flows of these criteria, by fingerprint."""
    flows: dict[str, Flow] = {}
    for each in criterias:
        for term in measured_terms(each):
            print_ = fingerprint(term)
            flow = _flow_of(term, numbers[print_], seasons)
            known = flows.get(print_)
            if known is not None:
                longest = max(flow.window_days or 0, known.window_days or 0) or None
                flow = msgspec.structs.replace(flow, window_days=longest)
            flows[print_] = flow
    return flows


def joined(flows: Mapping[str, Flow], ahead: Mapping[str, Flow]) -> dict[str, Flow]:
    """The flows with those that are counted ahead, each with the longest look back."""
    found = {**ahead, **flows}
    for name in flows.keys() & ahead.keys():
        longest = max(flows[name].window_days or 0, ahead[name].window_days or 0) or None
        found[name] = msgspec.structs.replace(flows[name], window_days=longest)
    return found


def _flow_of(term: Streaming, number: int, seasons: Mapping[str, Season]) -> Flow:
    if isinstance(term, First):
        return Flow(number=number, kind=term.kind, where={}, of=None, per_subject=True)
    season = None if term.season is None else seasons[term.season]
    if isinstance(term, Points):
        return Flow(
            number=number,
            kind=ANY_KIND,
            where={},
            of=None,
            per_subject=False,
            season=season and season.with_the_day_before(),
            of_points=True,
        )
    return Flow(
        number=number,
        kind=term.kind,
        where=term.where,
        of=term.of if isinstance(term, Distinct) else None,
        per_subject=term.per_subject,
        window_days=term.within_days,
        season=season,
    )
