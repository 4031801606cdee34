"""How far a member is on the way to something, by a history alone. Pure.

`explain` reads this from totals, for one member and the catalogue in force. A preview has no
totals: its criteria may measure what nobody counts yet.
"""

from collections import defaultdict
from datetime import date, datetime

from gamification.catalogue.rule import Span
from gamification.recognition.known import peak
from gamification.rules.criteria import (
    Age,
    Count,
    Criteria,
    Distinct,
    Measured,
    Points,
    StreakOf,
    Sum,
)
from gamification.rules.facts import History, live
from gamification.rules.progress import Need, Say, progress
from gamification.rules.timeline import Course, measured_by, timeline, value_of
from gamification.streaks.service import paces_of


def need_in(
    span: Span, history: History, subject: str, now: datetime, *, course: Course, say: Say
) -> Need:
    """What a version asks for, and how much of it the member has."""
    within = history.with_facts(
        fact
        for fact in live(history.facts)
        if (span.since is None or span.since <= fact.moment)
        and (span.until is None or fact.moment < span.until)
    )

    def amount(term: Criteria) -> int:
        match term:
            case Count() | Sum() | Distinct():
                return _measured(term, within, subject)
            case Points(season=season):
                days = None if season is None else within.seasons[season]
                return max((total for _, total in course(within.facts, days)), default=0)
            case StreakOf(unit=unit):
                paces = paces_of(sorted({fact.day for fact in within.facts if fact.active}))
                return paces[unit].best if unit in paces else 0
            case Age():
                return max(0, (now - (within.joined_at or now)).days)
            case _:
                raise TypeError(term)

    def truth(term: Criteria) -> bool:
        flips = [at for at in timeline(term, within, subject, course) if at <= now]
        return len(flips) % 2 == 1

    return progress(span.criteria, amount, truth, say)


def _measured(term: Measured, history: History, subject: str) -> int:
    facts = list(measured_by(term, history, subject))
    if term.within_days is not None:
        days: dict[date, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for fact in facts:
            n, rises = days[fact.day]
            days[fact.day] = (n + 1, rises + max(0, fact.quantity))
        return peak(days, term.within_days, rises=isinstance(term, Sum)) if days else 0
    if isinstance(term, Distinct):
        return len({value_of(term.of, fact) for fact in facts} - {None})
    return sum(fact.quantity for fact in facts) if isinstance(term, Sum) else len(facts)
