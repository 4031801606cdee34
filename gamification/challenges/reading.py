"""Reading challenges: how far they have come, and who helped, in a few statements."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from gamification.catalogue.definitions import Words
from gamification.challenges.audience import is_in, segments_of
from gamification.challenges.challenge import EVERYBODY, Challenge
from gamification.challenges.errors import ChallengeNotFound
from gamification.challenges.statements import (
    ALL,
    COMING,
    HELPERS,
    MILESTONES,
    MINE,
    ONE,
    PAST,
    RANKED,
    REACHED,
    RUNNING,
    TEAMS,
    WORDS,
)
from gamification.challenges.tables import State, Team
from ground import clock, cursors
from ground.engine import fetch, fetchrow

When = Literal["running", "coming", "past"]

MOST_WORDS: Final = 20

_LISTS: Final[dict[When, str]] = {"running": RUNNING, "coming": COMING, "past": PAST}


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """How far a team has come. `milestones` are percent of the goal, with the moment."""

    team: UUID
    done: int = 0
    helpers: int = 0
    milestones: tuple[tuple[int, datetime], ...] = ()
    goal_at: datetime | None = None
    stretch_at: datetime | None = None


class MyPart(msgspec.Struct, frozen=True, kw_only=True):
    """A member's own part. `counted_today` is what counts of what they did on their day."""

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
    """Who helped, by how much (for where the challenge shows a ranking)."""

    member_id: UUID
    given: int
    participation_id: int


async def one(challenge_id: UUID, member_id: UUID | None, *, drafts: bool = False) -> Seen:
    """A challenge. Drafts only for managers; one for a segment only for who is in it.

    Without a member (the widget, staff) the segment isn't looked at.
    """
    row = await fetchrow(ONE, challenge_id)
    if row is None or (row["state"] == State.DRAFT.value and not drafts):
        raise ChallengeNotFound
    challenge = Challenge.of(row)
    [seen] = await _seen([challenge], member_id)
    if challenge.segment is None or member_id is None or seen.mine.joined_at is not None:
        return seen
    if not await is_in(challenge.segment, [member_id]):
        raise ChallengeNotFound
    return seen


async def refuse_unknown(challenge_id: UUID) -> None:
    """Raise unless there is such a challenge, published at some time."""
    row = await fetchrow("SELECT state FROM challenge WHERE id = $1", challenge_id)
    if row is None or row["state"] == State.DRAFT.value:
        raise ChallengeNotFound


async def several(
    when: When, member_id: UUID | None, *, limit: int, cursor: str | None
) -> tuple[list[Seen], str | None]:
    """Challenges that run, come or are past, for a member, and the next page's cursor.

    Without a member, those that are for everybody.
    """
    at, last = cursors.decode(cursor, datetime, UUID) if cursor else (None, None)
    segments = await _segments_that_matter(member_id)
    rows = await fetch(_LISTS[when], clock.now(), segments, at, last, limit + 1)
    return await _page(rows, member_id, limit)


async def for_managers(*, limit: int, cursor: str | None) -> tuple[list[Seen], str | None]:
    """All challenges, drafts too, the newest first."""
    at, last = cursors.decode(cursor, datetime, UUID) if cursor else (None, None)
    rows = await fetch(ALL, at, last, limit + 1)
    return await _page(rows, None, limit)


async def teams(
    challenge_id: UUID, *, limit: int, cursor: str | None
) -> tuple[list[Reached], str | None]:
    """The squads of a challenge and how far each has come, in no order that ranks them."""
    [last] = cursors.decode(cursor, UUID) if cursor else [UUID(int=0)]
    rows = await fetch(TEAMS, challenge_id, last, limit + 1)
    found = await _reached([(challenge_id, row["team"]) for row in rows[:limit]])
    next_cursor = cursors.encode(rows[limit - 1]["team"]) if len(rows) > limit else None
    return list(found.values()), next_cursor


async def thanks(
    challenge: Challenge, team: UUID | None, *, limit: int, cursor: str | None
) -> tuple[list[Thanks], str | None]:
    """Who helped and appears to other members; who left isn't named any more.

    Who joined first comes first; where the challenge shows a ranking, who gave most. What each
    does for themselves is nobody else's business.
    """
    if challenge.team is Team.PERSONAL:
        return [], None
    given, last = cursors.decode(cursor, int, int) if cursor else (None, 0)
    if challenge.shows_ranking:
        rows = await fetch(RANKED, challenge.id, team, last, limit + 1, given)
    else:
        rows = await fetch(HELPERS, challenge.id, team, last, limit + 1)
    found = [Thanks(*row) for row in rows[:limit]]
    place = (found[-1].given, found[-1].participation_id) if len(rows) > limit else None
    return found, cursors.encode(*place) if place else None


async def _segments_that_matter(member_id: UUID | None) -> list[str]:
    if member_id is None:
        return []
    rows = await fetch("SELECT DISTINCT segment FROM challenge WHERE segment IS NOT NULL")
    return sorted(await segments_of(member_id, [row["segment"] for row in rows]))


async def _page(
    rows: Sequence[asyncpg.Record], member_id: UUID | None, limit: int
) -> tuple[list[Seen], str | None]:
    seen = await _seen([Challenge.of(row) for row in rows[:limit]], member_id)
    if len(rows) <= limit:
        return seen, None
    return seen, cursors.encode(rows[limit - 1]["place"], rows[limit - 1]["id"])


async def _seen(challenges: Sequence[Challenge], member_id: UUID | None) -> list[Seen]:
    if not challenges:
        return []
    ids = [each.id for each in challenges]
    mine = await _mine(ids, member_id)
    own = {each.id: _own_team(each, mine.get(each.id, MyPart())) for each in challenges}
    reached = await _reached([(id_, team) for id_, team in own.items() if team is not None])
    said: dict[UUID, list[Said]] = {}
    for row in await fetch(WORDS, ids, MOST_WORDS):
        words = msgspec.json.decode(row["words"], type=Words)
        word = Said(about=row["about"], words=words, said_at=row["said_at"])
        said.setdefault(row["challenge"], []).append(word)
    return [
        Seen(
            challenge=each,
            reached=None if (team := own[each.id]) is None else reached[each.id, team],
            mine=mine.get(each.id, MyPart()),
            said=tuple(said.get(each.id, ())),
        )
        for each in challenges
    ]


def _own_team(challenge: Challenge, mine: MyPart) -> UUID | None:
    return EVERYBODY if challenge.team is Team.COMMUNITY else mine.team


async def _mine(ids: Sequence[UUID], member_id: UUID | None) -> dict[UUID, MyPart]:
    if member_id is None:
        return {}
    return {
        row["challenge"]: MyPart(
            takes_part=row["joined_at"] is not None and row["left_at"] is None,
            declined=row["declined"],
            team=row["team"],
            joined_at=row["joined_at"],
            given=row["given"],
            counted_today=row["today"],
        )
        for row in await fetch(MINE, list(ids), member_id, clock.now())
    }


async def _reached(
    places: Collection[tuple[UUID, UUID]],
) -> dict[tuple[UUID, UUID], Reached]:
    if not places:
        return {}
    columns = [list(column) for column in zip(*places, strict=True)]
    milestones: dict[tuple[UUID, UUID], list[asyncpg.Record]] = {}
    for row in await fetch(MILESTONES, *columns):
        milestones.setdefault((row["challenge"], row["team"]), []).append(row)
    return {
        (row["challenge"], row["team"]): _of_team(
            row, milestones.get((row["challenge"], row["team"]), [])
        )
        for row in await fetch(REACHED, *columns)
    }


def _of_team(row: asyncpg.Record, milestones: Sequence[asyncpg.Record]) -> Reached:
    plain = [(each["percent"], each["reached_at"]) for each in milestones if not each["stretch"]]
    return Reached(
        team=row["team"],
        done=row["done"],
        helpers=row["helpers"],
        milestones=tuple(plain),
        goal_at=dict(plain).get(100),
        stretch_at=next((each["reached_at"] for each in milestones if each["stretch"]), None),
    )
