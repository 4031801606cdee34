"""When criteria hold: a pure function of a member's history, whatever order it came in.

Entries of one moment are one instant, and criteria are looked at when an instant ends. A
timeline is the sorted list of moments at which the answer turns, from "no" at the start.
Rolling windows, points and streaks earn and never un-earn: once met, they stay met.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import attrgetter

from gamification.rules.criteria import (
    ANY_KIND,
    Age,
    All,
    AnyOf,
    AtLeast,
    ByHand,
    Count,
    Criteria,
    Distinct,
    First,
    Holds,
    Measured,
    NoneOf,
    Points,
    StreakOf,
    Sum,
    Where,
)
from gamification.rules.facts import Fact, History, in_order
from gamification.seasons.season import Season
from gamification.streaks.streak import Run, period_number, run_over

Timeline = tuple[datetime, ...]
NEVER: Timeline = ()
ALWAYS: Timeline = (datetime.min.replace(tzinfo=UTC),)

at_moment = attrgetter("moment")
Course = Callable[[Sequence[Fact], Season | None], Iterable[tuple[datetime, int]]]


def timeline(  # noqa: C901, PLR0911, PLR0912 - one case a term
    criteria: Criteria, history: History, subject: str, course: Course
) -> Timeline:
    """The moments at which `criteria` begin and cease to hold.

    `course` says how the points of facts grow over time (all of them, or a season's), since
    kinds, caps and cool-downs are not this module's.
    """

    def of(part: Criteria) -> Timeline:
        return timeline(part, history, subject, course)

    match criteria:
        case Count() | Sum() | Distinct():
            return _measured(criteria, history, subject)
        case Points(at_least=goal, season=season):
            within = None if season is None else history.seasons[season]
            return _once(moment for moment, total in course(history.facts, within) if total >= goal)
        case First():
            return _first(criteria, history, subject, course)
        case Age():
            return _age(criteria, history, subject)
        case StreakOf():
            return _streak(criteria, history)
        case Holds():
            return _holds(criteria, history)
        case ByHand():
            return NEVER
        case All(of=terms):
            return combined([of(term) for term in terms], len(terms).__le__)
        case AnyOf(of=terms):
            return combined([of(term) for term in terms], (1).__le__)
        case NoneOf(of=terms):
            return combined([of(term) for term in terms], (0).__eq__)
        case AtLeast(n=n, of=terms):
            return combined([of(term) for term in terms], n.__le__)


def combined(timelines: Sequence[Timeline], enough: Callable[[int], bool]) -> Timeline:
    """The timeline of "as many of these hold as is enough"."""
    turns = sorted(
        (moment, 1 if number % 2 == 0 else -1)
        for each in timelines
        for number, moment in enumerate(each)
    )
    holding = 0
    flips: list[datetime] = list(ALWAYS) if enough(0) else []
    for moment, group in groupby(turns, key=lambda turn: turn[0]):
        holding += sum(change for _, change in group)
        if enough(holding) != bool(len(flips) % 2):
            if flips and flips[-1] == moment:
                flips.pop()
            else:
                flips.append(moment)
    return tuple(flips)


def holds_at_the_end(flips: Timeline) -> bool:
    """Whether it holds after everything known."""
    return len(flips) % 2 == 1


def fits(where: Where, fact: Fact) -> bool:
    """Whether the fact's fields are as `where` says. A missing field fits nothing."""
    for name, wanted in where.items():
        value = fact.fields.get(name)
        if value is None:
            return False
        if isinstance(wanted, list):
            if not any(type(value) is type(one) and value == one for one in wanted):
                return False
        elif type(value) is not type(wanted) or value != wanted:
            return False
    return True


def measured_by(term: Measured, history: History, subject: str) -> Iterator[Fact]:
    """The facts that a term counts, in order."""
    season = None if term.season is None else history.seasons[term.season]
    for fact in history.facts:
        if (
            term.kind in (fact.kind, ANY_KIND)
            and (season is None or season.has(fact.programme_day))
            and (not term.per_subject or fact.subject == subject)
            and fits(term.where, fact)
        ):
            yield fact


def value_of(of: str, fact: Fact) -> str | None:
    """What a `distinct` term tells apart."""
    match of:
        case "subject":
            return fact.subject or None
        case "day":
            return fact.day.isoformat()
        case _:
            value = fact.fields.get(of)
            return None if value is None else f"{type(value).__name__}:{value}"


def _once(moments: Iterable[datetime]) -> Timeline:
    first = next(iter(moments), None)
    return NEVER if first is None else (first,)


def _measured(term: Measured, history: History, subject: str) -> Timeline:
    return _of_facts(term, list(measured_by(term, history, subject)))


def _of_facts(term: Measured, facts: Sequence[Fact]) -> Timeline:
    if term.within_days is not None:
        return _once(_window_moments(term, facts, term.within_days))
    flips: list[datetime] = []
    reached = _Amount(term)
    for moment, instant in groupby(facts, key=at_moment):
        for fact in instant:
            reached.add(fact)
        if (reached.amount >= term.at_least) != bool(len(flips) % 2):
            flips.append(moment)
    return tuple(flips)


class _Amount:
    """The running amount of a term."""

    def __init__(self, term: Measured) -> None:
        self.term = term
        self.total = 0
        self.values: set[str] = set()

    def add(self, fact: Fact) -> None:
        match self.term:
            case Count():
                self.total += 1
            case Sum():
                self.total += fact.quantity
            case Distinct(of=of):
                value = value_of(of, fact)
                if value is not None:
                    self.values.add(value)

    @property
    def amount(self) -> int:
        return len(self.values) if isinstance(self.term, Distinct) else self.total


def _window_moments(term: Measured, facts: Sequence[Fact], days: int) -> Iterator[datetime]:
    """The instants at which the last so many local days hold enough."""
    by_day: dict[date, list[Fact]] = {}
    for moment, instant in groupby(facts, key=at_moment):
        today = date.min
        for fact in instant:
            by_day.setdefault(fact.day, []).append(fact)
            today = max(today, fact.day)
        oldest = today - timedelta(days=days)
        for day in [day for day in by_day if day <= oldest]:
            del by_day[day]
        reached = _Amount(term)
        for day, that_day in by_day.items():
            if day <= today:
                for fact in that_day:
                    reached.add(fact)
        if reached.amount >= term.at_least:
            yield moment


def _first(term: First, history: History, subject: str, course: Course) -> Timeline:
    opened = [fact for fact in history.origins.get(subject, ()) if fact.kind == term.kind]
    if not opened:
        return NEVER
    mine = min(opened, key=in_order)
    earlier = [
        sibling
        for sibling in history.siblings.get(mine.parent, ())
        if sibling.kind == term.kind and sibling.subject != subject and sibling.moment < mine.moment
    ]
    if term.that is None:
        return NEVER if earlier or not mine.parent else (mine.moment,)
    reached: list[datetime] = []
    for sibling in earlier:
        theirs = history.with_facts(history.around.get(sibling.subject, ()))
        reached += timeline(term.that, theirs, sibling.subject, course)[:1]
    if not reached:
        return (mine.moment,)
    return (mine.moment, min(reached)) if min(reached) > mine.moment else NEVER


def _age(term: Age, history: History, subject: str) -> Timeline:
    needed = timedelta(days=term.at_least_days)
    if term.of == "membership":
        return NEVER if history.joined_at is None else (history.joined_at + needed,)
    opened = min(history.origins.get(subject, ()), key=in_order, default=None)
    if opened is None:
        return NEVER
    if term.since is None:
        return (opened.moment + needed,)
    above = history.origins.get(opened.parent, ())
    return (opened.moment,) if long_after(term, opened, above) else NEVER


def long_after(term: Age, opened: Fact, above: Iterable[Fact]) -> bool:
    """Whether a subject was opened so many days after its parent."""
    first = min(map(at_moment, above), default=None)
    return first is not None and opened.moment - first >= timedelta(days=term.at_least_days)


def _streak(term: StreakOf, history: History) -> Timeline:
    run, known = Run(), set[int]()
    for fact in history.facts:
        if not fact.active:
            continue
        period = period_number(fact.day, term.unit)
        if period in known:
            continue
        known.add(period)
        if run.last is None or period > run.last:
            run = run.extended_to(period)
            longest = run.length
        else:
            run, longest = run_over(known)
        if longest >= term.at_least:
            return (fact.moment,)
    return NEVER


def _holds(term: Holds, history: History) -> Timeline:
    since = [
        held[slug]
        for held, slug in ((history.badges, term.badge), (history.tiers, term.tier))
        if slug is not None and slug in held
    ]
    return (max(since),) if since and len(since) == bool(term.badge) + bool(term.tier) else NEVER
