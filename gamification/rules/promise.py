"""Whether criteria could hold by the totals alone. Cheap, and never a "no" that is wrong.

Most activities complete nothing. Looking at totals first keeps the slow and sure path, which
reads the ledger, for those that might.
"""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from gamification.rules.criteria import (
    Age,
    All,
    AnyOf,
    AtLeast,
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


def could_hold(  # noqa: C901, PLR0911, PLR0912 - one case a term
    criteria: Criteria,
    member_id: UUID,
    subject: str,
    totals: Totals,
    flow_of_term: Mapping[int, Flow],
) -> bool:
    """Whether the totals leave it open that the criteria held at some moment."""

    def of(part: Criteria) -> bool:
        return could_hold(part, member_id, subject, totals, flow_of_term)

    match criteria:
        case Count() | Sum() | Distinct():
            return _enough(criteria, member_id, subject, totals, flow_of_term[id(criteria)])
        case First():
            amount = totals.amount(member_id, flow_of_term[id(criteria)], subject)
            return amount is None or amount[0] > 0
        case Points(at_least=goal):
            return _reaches(totals.points(member_id), goal)
        case StreakOf(unit=unit, at_least=goal):
            return _reaches(totals.longest_streak(member_id, unit), goal)
        case Holds():
            return totals.holds(member_id, criteria)
        case Age():
            return totals.old_enough(member_id, subject, criteria) is not False
        case NoneOf():
            return True
        case All(of=terms):
            return all(map(of, terms))
        case AnyOf(of=terms):
            return any(map(of, terms))
        case AtLeast(n=n, of=terms):
            return sum(map(of, terms)) >= n


def _enough(term: Measured, member_id: UUID, subject: str, totals: Totals, flow: Flow) -> bool:
    subject = subject if flow.per_subject else ""
    amount = totals.amount(member_id, flow, subject)
    if amount is None:
        return True
    rises = isinstance(term, Sum)
    if (amount[2] if rises else amount[0]) < term.at_least:
        return False
    if term.within_days is None:
        return True
    return _reaches(
        totals.peak(member_id, flow, subject, term.within_days, rises=rises), term.at_least
    )


def _reaches(amount: int | None, goal: int) -> bool:
    return amount is None or amount >= goal
