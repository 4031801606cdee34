"""Whether criteria could hold by the totals alone. Cheap, and never a "no" that is wrong.

Most activities complete nothing. Looking at totals first keeps the slow and sure path, which
reads the ledger, for those that might. Criteria are made into functions once for each
catalogue, since this is asked several times for every activity.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from gamification.rules.criteria import (
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
)
from gamification.rules.flows import Flow

Amount = tuple[int, int, int]


class Totals(Protocol):
    """What is known at once. `None` means "not looked up", and is taken for enough."""

    def amount(self, member_id: UUID, flow: Flow, subject: str) -> Amount | None: ...

    def peak(
        self, member_id: UUID, flow: Flow, subject: str, window_days: int, *, rises: bool
    ) -> int | None: ...

    def points(self, member_id: UUID) -> int | None: ...

    def longest_streak(self, member_id: UUID, unit: str) -> int | None: ...

    def old_enough(self, member_id: UUID, subject: str, term: Age) -> bool | None: ...

    def holds(self, member_id: UUID, term: Holds) -> bool: ...


Promise = Callable[[UUID, str, Totals], bool]


def promise_of(  # noqa: C901, PLR0911, PLR0912 - one case a term
    criteria: Criteria, flow_of_term: Mapping[int, Flow]
) -> Promise:
    """A function that tells whether the totals leave it open that the criteria held once."""
    match criteria:
        case Count() | Sum() | Distinct():
            return _enough(criteria, flow_of_term[id(criteria)])
        case First():
            return _opened(flow_of_term[id(criteria)])
        case Points(at_least=goal) if criteria.season is not None:
            return _worth_enough(flow_of_term[id(criteria)], goal)
        case Points(at_least=goal):
            return lambda member, _, totals: _reaches(totals.points(member), goal)
        case StreakOf(unit=unit, at_least=goal):
            return lambda member, _, totals: _reaches(totals.longest_streak(member, unit), goal)
        case Holds():
            return lambda member, _, totals: totals.holds(member, criteria)
        case Age():
            return lambda member, subject, totals: (
                totals.old_enough(member, subject, criteria) is not False
            )
        case ByHand():
            return lambda _, __, ___: False
        case NoneOf():
            return lambda _, __, ___: True
        case All(of=terms):
            ordered = sorted(terms, key=_when_it_is_known)
            return _at_least(len(terms), [promise_of(term, flow_of_term) for term in ordered])
        case AnyOf(of=terms):
            return _at_least(1, [promise_of(term, flow_of_term) for term in terms])
        case AtLeast(n=n, of=terms):
            return _at_least(n, [promise_of(term, flow_of_term) for term in terms])


def _when_it_is_known(term: Criteria) -> int:
    """What is always at hand first, then what mostly is: it rules out most, and asks for least."""
    if isinstance(term, Points | StreakOf) and not (isinstance(term, Points) and term.season):
        return 0
    return 1 if isinstance(term, Measured) else 2


def _at_least(n: int, promises: Sequence[Promise]) -> Promise:
    spare = len(promises) - n

    def promise(member_id: UUID, subject: str, totals: Totals) -> bool:
        unkept = 0
        for each in promises:
            if not each(member_id, subject, totals):
                unkept += 1
                if unkept > spare:
                    return False
        return True

    return promise


def _opened(flow: Flow) -> Promise:
    def promise(member_id: UUID, subject: str, totals: Totals) -> bool:
        amount = totals.amount(member_id, flow, subject)
        return amount is None or amount[0] > 0

    return promise


def _enough(term: Measured, flow: Flow) -> Promise:
    rises = isinstance(term, Sum)
    column = 2 if rises else 0
    goal, days, per_subject = term.at_least, term.within_days, flow.per_subject

    def promise(member_id: UUID, subject: str, totals: Totals) -> bool:
        place = subject if per_subject else ""
        amount = totals.amount(member_id, flow, place)
        if amount is None:
            return True
        if amount[column] < goal:
            return False
        return days is None or _reaches(
            totals.peak(member_id, flow, place, days, rises=rises), goal
        )

    return promise


def _worth_enough(flow: Flow, goal: int) -> Promise:
    def promise(member_id: UUID, _: str, totals: Totals) -> bool:
        amount = totals.amount(member_id, flow, "")
        return amount is None or amount[1] >= goal

    return promise


def _reaches(amount: int | None, goal: int) -> bool:
    return amount is None or amount >= goal
