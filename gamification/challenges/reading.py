"""Reading challenges: how far they have come, and who helped, in a few statements."""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from gamification.catalogue.definitions import Words
from gamification.challenges.challenge import Challenge

When = Literal["running", "coming", "past"]


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """How far a team has come."""

    team: UUID
    done: int = 0
    helpers: int = 0
    # Percent of the goal, with the moment.
    milestones: tuple[tuple[int, datetime], ...] = ()
    goal_at: datetime | None = None
    stretch_at: datetime | None = None


class MyPart(msgspec.Struct, frozen=True, kw_only=True):
    """A member's own part. `today` is what they did on their day, `counted_today` what counts."""

    takes_part: bool = False
    declined: bool = False
    team: UUID | None = None
    joined_at: datetime | None = None
    given: int = 0
    counted_today: int = 0


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A word of managers to those who take part."""

    about: Literal["extended", "paused", "resumed", "cancelled"]
    words: Words
    said_at: datetime


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A challenge as somebody sees it.

    `reached` is of everybody, or of the member's own team; `None` where the challenge is of
    teams and the member is in none.
    """

    challenge: Challenge
    reached: Reached | None
    mine: MyPart
    said: tuple[Said, ...] = ()


class Thanks(NamedTuple):
    """Who helped, by how much (for where the challenge shows a ranking), and a cursor's place."""

    member_id: UUID
    given: int
    participation_id: int


async def one(challenge_id: UUID, member_id: UUID | None, *, drafts: bool = False) -> Seen:
    """A challenge. Drafts only for managers; one for a segment only for who is in it.

    Without a member (the widget, staff) the segment isn't looked at.
    """
    raise NotImplementedError


async def several(
    when: When, member_id: UUID | None, *, limit: int, cursor: str | None
) -> tuple[list[Seen], str | None]:
    """Challenges that run, come or are past, for a member, and the next page's cursor."""
    raise NotImplementedError


async def for_managers(*, limit: int, cursor: str | None) -> tuple[list[Seen], str | None]:
    """All challenges, drafts too, the newest first."""
    raise NotImplementedError


async def teams(
    challenge_id: UUID, *, limit: int, cursor: str | None
) -> tuple[list[Reached], str | None]:
    """The squads of a challenge and how far each has come, in no order that ranks them."""
    raise NotImplementedError


async def thanks(
    challenge: Challenge, team: UUID | None, *, limit: int, cursor: str | None
) -> tuple[list[Thanks], str | None]:
    """Who helped and appears to other members.

    Who joined first comes first; where the challenge shows a ranking, who gave most.
    """
    raise NotImplementedError
