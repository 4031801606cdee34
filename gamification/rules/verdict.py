"""Whether a member has a badge or a tier, since when and by what. Pure: the slow and sure path."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

import msgspec

from gamification.catalogue.definitions import TierDefinition
from gamification.catalogue.rule import Rule, Span
from gamification.ledger.worth import Day, Part, Terms
from gamification.rules.criteria import (
    Count,
    Criteria,
    Distinct,
    First,
    NoneOf,
    Sum,
    parts,
)
from gamification.rules.facts import Fact, History, in_order, known_before, live
from gamification.rules.timeline import (
    ALWAYS,
    Course,
    Timeline,
    at_moment,
    combined,
    holds_at_the_end,
    measured_by,
    timeline,
)
from gamification.seasons.season import Season

TermsOf = Callable[[str, date], Terms]
EVIDENCE = 100


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A badge or tier is held since `at`, earned by these entries under this version.

    A tier that was `spared` is held although some of these were taken back.
    """

    at: datetime
    version: int
    entries: tuple[int, ...] = ()
    lapses_at: datetime | None = None
    spared: bool = False


def points_course(terms_of: TermsOf) -> Course:
    """How points grow over facts: caps and cool-downs fill up in the order of moments.

    Of a day that a season cuts in two, its part has what boards give it.
    """

    def course(facts: Sequence[Fact], season: Season | None) -> Iterator[tuple[datetime, int]]:
        days: dict[tuple[str, date], Day] = {}
        total = 0
        for moment, instant in groupby(facts, key=at_moment):
            for fact in instant:
                if fact.worth:
                    day = days.get((fact.kind, fact.day))
                    if day is None:
                        day = days[fact.kind, fact.day] = Day(terms_of(fact.kind, fact.day))
                    gained, _ = day.add(Part(fact.programme_day, fact.bucket), fact.worth)
                    if season is None or season.has(fact.programme_day):
                        total += gained
            yield moment, total

    return course


def badge_verdict(
    rule: Rule, history: History, subject: str, now: datetime, course: Course
) -> Verdict | None:
    """The earliest moment at which the member earned the badge, if it still counts."""
    clean = history.with_facts(live(history.facts))
    found: Verdict | None = None
    for span in rule.spans:
        within = _within(clean, span)
        flips = _known_by(timeline(span.criteria, within, subject, course), within, now)
        if not flips or not (rule.kept or holds_at_the_end(flips)):
            continue
        if found is None or flips[0] < found.at:
            found = Verdict(
                at=flips[0],
                version=span.version,
                entries=evidence(span.criteria, within, subject, flips[0]),
            )
    return found


def tier_verdict(rule: Rule, history: History, now: datetime, course: Course) -> Verdict | None:
    """Since when the member is in the tier, and until when if grace runs."""
    clean = history.with_facts(live(history.facts))
    standing = _climbed(rule, clean, now, course)
    if standing is not None and standing.lapses_at is None:
        return standing
    reversals = sorted({fact.reversed_at for fact in history.facts if fact.reversed_at})
    for reversal in reversed(reversals):
        before = history.with_facts(known_before(history.facts, reversal))
        lost = _climbed(rule, before, reversal, course)
        if lost is not None and lost.lapses_at is None:
            return _spared(rule, clean, lost, reversal, course=course, now=now) or standing
    return standing


def _spared(
    rule: Rule,
    clean: History,
    lost: Verdict,
    reversal: datetime,
    *,
    course: Course,
    now: datetime,
) -> Verdict | None:
    """What hysteresis and grace leave of a tier after a reversal."""
    span = rule.spans[-1]
    lost = msgspec.structs.replace(lost, spared=True)
    if span.stays_while is not None:
        stays = timeline(span.stays_while, _within(clean, span), "", course)
        if holds_at_the_end(stays):
            return lost
    lapses_at = reversal + _grace(rule)
    return msgspec.structs.replace(lost, lapses_at=lapses_at) if now < lapses_at else None


def _climbed(rule: Rule, history: History, now: datetime, course: Course) -> Verdict | None:
    """The tier by facts and their fall over time, without reversals."""
    for span in rule.spans:
        within = _within(history, span)
        reaches = _known_by(timeline(span.criteria, within, "", course), within, now)
        stays = reaches
        if span.stays_while is not None:
            softer = _known_by(timeline(span.stays_while, within, "", course), within, now)
            stays = combined([reaches, softer], (1).__le__)
        at, lapses_at = _ladder(reaches, stays, _grace(rule))
        if at is not None and (lapses_at is None or now < lapses_at):
            entries = evidence(span.criteria, within, "", at)
            return Verdict(at=at, version=span.version, entries=entries, lapses_at=lapses_at)
    return None


def _ladder(
    reaches: Timeline, stays: Timeline, grace: timedelta
) -> tuple[datetime | None, datetime | None]:
    at: datetime | None = None
    lapses_at: datetime | None = None
    for moment in sorted({*reaches, *stays}):
        if lapses_at is not None and lapses_at <= moment:
            at = lapses_at = None
        if at is None:
            at = moment if _true_at(reaches, moment) else None
        elif _true_at(stays, moment):
            lapses_at = None
        elif lapses_at is None:
            lapses_at = moment + grace
    return at, lapses_at


def _true_at(flips: Timeline, moment: datetime) -> bool:
    return bisect_right(flips, moment) % 2 == 1


def _grace(rule: Rule) -> timedelta:
    if isinstance(rule.definition, TierDefinition):
        return timedelta(days=rule.definition.grace_days)
    return timedelta(0)


def _within(history: History, span: Span) -> History:
    """The history with the facts that a version is about."""
    if span.since is None and span.until is None:
        return history
    return history.with_facts(
        fact
        for fact in history.facts
        if (span.since is None or span.since <= fact.moment)
        and (span.until is None or fact.moment < span.until)
    )


def _known_by(flips: Timeline, history: History, now: datetime) -> Timeline:
    """The turns that have come, the first at the end of an instant."""
    facts = history.facts
    latest = max(now, facts[-1].moment) if facts else now
    flips = tuple(moment for moment in flips if moment <= latest)
    if flips[:1] != ALWAYS:
        return flips
    for fact in facts:
        if _true_at(flips, fact.moment):
            return (fact.moment, *(moment for moment in flips if moment > fact.moment))
    return ()


def evidence(criteria: Criteria, history: History, subject: str, at: datetime) -> tuple[int, ...]:
    """The entries that fulfilled the criteria at that moment, the latest of very many."""
    found: set[int] = set()
    for term in _affirmed(criteria):
        match term:
            case Count() | Sum() | Distinct():
                counted = [
                    fact.id for fact in measured_by(term, history, subject) if fact.moment <= at
                ]
                found.update(counted[-EVIDENCE:])
            case First(kind=kind):
                opened = [f for f in history.origins.get(subject, ()) if f.kind == kind]
                found.update(fact.id for fact in sorted(opened, key=in_order)[:1])
            case _:
                pass
    return tuple(sorted(found)[-EVIDENCE:])


def _affirmed(criteria: Criteria) -> Iterator[Criteria]:
    """The terms that speak for an award, not against it."""
    yield criteria
    if not isinstance(criteria, NoneOf | First):
        for part in parts(criteria):
            yield from _affirmed(part)
