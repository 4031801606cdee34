"""Joining challenges, leaving them, saying no. Nothing of it is held against anybody."""

from collections.abc import Collection
from uuid import UUID

from gamification.challenges.challenge import Challenge


async def join(challenge_id: UUID, member_id: UUID) -> Challenge:
    """Take part from now on, or with all done since the start where the challenge says so.

    Again, it changes nothing; after leaving it goes on. `ChallengeNotFound`,
    `ChallengeNotOpen`, `NotForThisMember`; `TeamNeeded` for a challenge of squads.
    """
    raise NotImplementedError


async def leave(challenge_id: UUID, member_id: UUID) -> None:
    """Stop taking part. What was given stays given, and nobody is told. Again: no change."""
    raise NotImplementedError


async def decline(challenge_id: UUID, member_id: UUID) -> None:
    """Say no: one is never asked again, and can still join."""
    raise NotImplementedError


async def may_be_asked(challenge_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Who of these was neither in, nor left, nor said no."""
    raise NotImplementedError


async def enter_team(challenge_id: UUID, squad_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Let a squad's members take part with it. Return who does now and didn't before.

    Who takes part with another squad, or said no, is passed by: a member enters by themselves
    with `join_with`. Call it when a squad enters a challenge, and when somebody joins a squad.
    """
    raise NotImplementedError


async def join_with(challenge_id: UUID, squad_id: UUID, member_id: UUID) -> Challenge:
    """Take part with one's squad, also after a no. `AlreadyInATeam` with another one."""
    raise NotImplementedError


async def leave_team(squad_id: UUID, member_id: UUID) -> None:
    """Stop taking part with a squad, in all that is open: when a member leaves the squad."""
    raise NotImplementedError


async def challenges_of_team(squad_id: UUID) -> list[Challenge]:
    """The challenges that a squad is in and that aren't over."""
    raise NotImplementedError
