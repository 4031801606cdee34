"""Up to where a manager acts alone."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from ground.engine import execute

# A day is 24 hours back from now, so that nothing is gained by waiting for midnight.
A_DAY: Final = timedelta(hours=24)


class Limits(msgspec.Struct, frozen=True):
    """What one manager may do within a day without another manager's word."""

    # Different members to act for.
    members: int = 20
    # Points before caps to one member, or taken from one by reversals.
    points: int = 500


class Alone(msgspec.Struct, frozen=True):
    """What a manager did alone within a day: for whom, and how many points each."""

    members: frozenset[UUID]
    points: Mapping[UUID, int]


_limits = Limits()


def keep_to(limits: Limits) -> None:
    """Set the limits, once, when a process starts."""
    global _limits
    _limits = limits


def limits() -> Limits:
    """The limits of this installation."""
    return _limits


def needs_second_word(alone: Alone, members: Collection[UUID], points: int) -> bool:
    """Whether doing this too, `points` for each of the members, goes beyond the limits."""
    allowed = limits()
    if len(alone.members.union(members)) > allowed.members:
        return True
    return points > 0 and any(
        alone.points.get(member, 0) + points > allowed.points for member in members
    )


async def one_at_a_time(manager: UUID) -> None:
    """Let a manager's acts take turns, so that two at once don't both find room for themselves."""
    await execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"by_hand:{manager}")
