"""What of a member's acts counts for a challenge: a function of the acts and of their turns. Pure.

Turns are moments in rising order: from the first on somebody takes part, from the second on no
longer, and so on.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from gamification.challenges.challenge import Challenge
from gamification.rules.criteria import ANY_KIND, Count, Distinct, Sum
from gamification.rules.facts import Fact, in_order
from gamification.rules.timeline import fits, value_of

Turns = tuple[datetime, ...]


def moment_of(fact: Fact) -> datetime:
    """When an act counts: when it happened, or when it was told by a clock that runs ahead.

    So nothing ever counts that lies after the moment at which somebody looks.
    """
    return min(fact.moment, fact.recorded_at)


def takes_part(turns: Sequence[datetime], moment: datetime) -> bool:
    """Whether somebody took part at a moment."""
    return sum(turn <= moment for turn in turns) % 2 == 1


def entered(turns: Sequence[datetime], since: datetime) -> Turns:
    """The turns of somebody who takes part from a moment on, past or present."""
    before = tuple(turn for turn in turns if turn < since)
    return before if len(before) % 2 else (*before, since)


def left(turns: Sequence[datetime], at: datetime) -> Turns:
    """The turns of somebody who takes part no longer from a moment on."""
    before = tuple(turn for turn in turns if turn < at)
    return (*before, at) if len(before) % 2 else before


def concerns(challenge: Challenge, fact: Fact) -> bool:
    """Whether an act counts for a challenge, if who did it takes part."""
    term = challenge.counts
    return (
        term.kind in (fact.kind, ANY_KIND)
        and challenge.counts_at(moment_of(fact))
        and (not term.where or fits(term.where, fact))
        and not (isinstance(term, Distinct) and value_of(term.of, fact) is None)
    )


def worth(challenge: Challenge, fact: Fact) -> int:
    """What an act adds to its day. Of those that tell values apart, see `done_by_day`."""
    return fact.quantity if isinstance(challenge.counts, Sum) else 1


def done_by_day(
    challenge: Challenge, facts: Iterable[Fact], turns: Sequence[datetime]
) -> dict[date, int]:
    """What a member did for a challenge on each of their days, before the cap.

    A value that is told apart belongs to the first day on which it came up.
    """
    days: dict[date, int] = {}
    values = set[str]()
    for fact in sorted(facts, key=in_order):
        if not (concerns(challenge, fact) and takes_part(turns, moment_of(fact))):
            continue
        match challenge.counts:
            case Distinct(of=of):
                value = value_of(of, fact) or ""
                if value in values:
                    continue
                values.add(value)
                days[fact.day] = days.get(fact.day, 0) + 1
            case Count() | Sum():
                days[fact.day] = days.get(fact.day, 0) + worth(challenge, fact)
    return days


def counted(done: int, cap: int | None) -> int:
    """How much of a day counts: nobody carries it alone, and nobody takes from the others."""
    return max(0, done if cap is None else min(cap, done))
