"""How far a member is on the way to a badge or tier, term by term. Pure."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta

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
    NoneOf,
    Points,
    StreakOf,
    Sum,
)

Amount = Callable[[Criteria], int]
Truth = Callable[[Criteria], bool]
Say = Callable[[Criteria], str]


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is asked for: whether it is there, and how much of it."""

    words: Annotated[
        str,
        Meta(max_length=2000, description="What is asked for.", examples=["10 answers"]),
    ]
    met: bool
    have: int | None = None
    need: int | None = None
    of: list["Need"] = []


def progress(  # noqa: C901, PLR0911 - one case a term
    criteria: Criteria, amount: Amount, truth: Truth, say: Say
) -> Need:
    """The need for `criteria`. `amount` counts, and `truth` answers what can't be counted."""

    def inside(terms: list[Criteria]) -> list[Need]:
        return [progress(term, amount, truth, say) for term in terms]

    match criteria:
        case Count() | Sum() | Distinct() | Points() | StreakOf():
            have = amount(criteria)
            met = have >= criteria.at_least
            return Need(words=say(criteria), met=met, have=have, need=criteria.at_least)
        case Age(of="membership", at_least_days=days):
            have = amount(criteria)
            return Need(words=say(criteria), met=have >= days, have=have, need=days)
        case First() | Age() | Holds() | ByHand():
            return Need(words=say(criteria), met=truth(criteria))
        case All(of=terms):
            return _together(criteria, inside(terms), len(terms), say)
        case AnyOf(of=terms):
            return _together(criteria, inside(terms), 1, say)
        case AtLeast(n=n, of=terms):
            return _together(criteria, inside(terms), n, say)
        case NoneOf(of=terms):
            needs = inside(terms)
            return Need(words=say(criteria), met=not any(need.met for need in needs))


def _together(criteria: Criteria, needs: list[Need], enough: int, say: Say) -> Need:
    met = sum(need.met for need in needs)
    have = min(met, enough)
    return Need(words=say(criteria), met=met >= enough, have=have, need=enough, of=needs)


def missing(need: Need) -> list[Need]:
    """What is still missing, as simply as it can be said: the unmet ends of the tree."""
    if need.met:
        return []
    unmet = [part for part in need.of if not part.met]
    if not need.of or need.need != len(need.of):
        return [need]
    return [end for part in unmet for end in missing(part)]
