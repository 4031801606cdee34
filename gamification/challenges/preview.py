"""A challenge against the past: when it would have been reached, had it run before."""

from datetime import date

import msgspec

from gamification.challenges.definition import ChallengeDefinition


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What would have come of a challenge in the days before, as long as it is to last.

    `reached_on_day` counts from 1; `None` when the goal would have been missed.
    """

    from_day: date
    days: int
    done: int
    percent: int
    helpers: int
    reached_on_day: int | None
    # What the most helpful tenth gave of it, in percent: whether few carry it.
    by_few_percent: int
    by_day: tuple[int, ...]


async def foresee(definition: ChallengeDefinition) -> Foreseen:
    """Hold a challenge against the activity of as many days before now as it is to last.

    For teams it tells of everybody together, as if they were one. `ChallengeInvalid`.
    """
    raise NotImplementedError
