"""Joining challenges, leaving them, saying no. Nothing of it is held against anybody."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from gamification.challenges.asking import ask_no_more
from gamification.challenges.audience import is_in
from gamification.challenges.challenge import COLUMNS, EVERYBODY, JUST_AFTER, Challenge
from gamification.challenges.errors import (
    AlreadyInATeam,
    ChallengeNotFound,
    ChallengeNotOpen,
    TeamNeeded,
)
from gamification.challenges.recounting import recount
from gamification.challenges.share import entered, left
from gamification.challenges.tables import State, Team
from gamification.ledger import intake
from ground import clock
from ground.engine import execute, fetch, fetchrow
from ground.unit_of_work import retried, unit_of_work

_ONE: Final = f"SELECT {COLUMNS} FROM challenge WHERE id = $1"  # noqa: S608 - constant columns

_ENTER: Final = """
INSERT INTO challenge_participation AS p (challenge, team, member_id, turns, joined_at, given)
VALUES ($1, $2, $3, $4::timestamptz[], $5, 0)
ON CONFLICT (challenge, member_id, team) DO UPDATE
SET turns = excluded.turns, joined_at = excluded.joined_at, left_at = NULL
"""

_LEAVE: Final = """
UPDATE challenge_participation SET turns = $2::timestamptz[], left_at = $3 WHERE id = $1
"""


async def join(challenge_id: UUID, member_id: UUID) -> Challenge:
    """Take part from now on, or with all done since the start where the challenge says so.

    Again, it changes nothing; after leaving it goes on. `ChallengeNotFound`,
    `ChallengeNotOpen`; `TeamNeeded` for a challenge of squads.
    """

    async def joined() -> Challenge:
        async with unit_of_work():
            challenge, now = await _open(challenge_id, [member_id])
            if challenge.team is Team.SQUAD:
                raise TeamNeeded
            await _refuse_others(challenge, member_id)
            team = member_id if challenge.team is Team.PERSONAL else EVERYBODY
            await _enter(challenge, team, [member_id], now)
        return challenge

    return await retried(joined)


async def leave(challenge_id: UUID, member_id: UUID) -> None:
    """Stop taking part. What was given stays given, and nobody is told. Again: no change."""

    async def left_it() -> None:
        async with unit_of_work():
            await intake.catalogue_revision()
            await intake.hold_players([member_id])
            rows = await fetch(
                "SELECT id, turns FROM challenge_participation"
                " WHERE challenge = $1 AND member_id = $2 AND left_at IS NULL",
                challenge_id,
                member_id,
            )
            if not rows:
                await _one(challenge_id)
            await _leave(rows, clock.now())

    await retried(left_it)


async def leave_all(member_id: UUID) -> None:
    """Stop taking part in everything: the member leaves the programme."""
    await intake.catalogue_revision()
    await intake.hold_players([member_id])
    rows = await fetch(
        "SELECT id, turns FROM challenge_participation WHERE member_id = $1 AND left_at IS NULL",
        member_id,
    )
    await _leave(rows, clock.now())


async def decline(challenge_id: UUID, member_id: UUID) -> None:
    """Say no: one is never asked again, and can still join."""
    async with unit_of_work():
        await _one(challenge_id)
        await execute(
            "INSERT INTO challenge_declined (challenge, member_id, said_at) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING",
            challenge_id,
            member_id,
            clock.now(),
        )
        await ask_no_more(challenge_id, member_id)


async def join_with(challenge_id: UUID, squad_id: UUID, member_id: UUID) -> Challenge:
    """Take part with one's squad, also after a no. `AlreadyInATeam` with another one."""

    async def joined() -> Challenge:
        async with unit_of_work():
            challenge, now = await _open(challenge_id, [member_id])
            _refuse_unless_of_squads(challenge)
            await _refuse_others(challenge, member_id)
            elsewhere = await fetchrow(
                "SELECT FROM challenge_participation WHERE challenge = $1 AND member_id = $2"
                " AND team <> $3 AND left_at IS NULL",
                challenge_id,
                member_id,
                squad_id,
            )
            if elsewhere is not None:
                raise AlreadyInATeam
            await _enter(challenge, squad_id, [member_id], now)
        return challenge

    return await retried(joined)


async def leave_team(squad_id: UUID, member_id: UUID) -> None:
    """Stop taking part with a squad, in all that is open: when a member leaves the squad."""

    async def left_it() -> None:
        async with unit_of_work():
            await intake.catalogue_revision()
            await intake.hold_players([member_id])
            rows = await fetch(
                "SELECT id, turns FROM challenge_participation"
                " WHERE team = $1 AND member_id = $2 AND left_at IS NULL",
                squad_id,
                member_id,
            )
            await _leave(rows, clock.now())

    await retried(left_it)


async def _open(challenge_id: UUID, member_ids: Iterable[UUID]) -> tuple[Challenge, datetime]:
    """A challenge that can be joined, while nobody credits these members."""
    await intake.catalogue_revision()
    await intake.hold_players(member_ids)
    challenge, now = await _one(challenge_id), clock.now()
    if not challenge.is_open(now):
        raise ChallengeNotOpen
    return challenge, now


async def _one(challenge_id: UUID) -> Challenge:
    row = await fetchrow(_ONE, challenge_id)
    if row is None or row["state"] == State.DRAFT.value:
        raise ChallengeNotFound
    return Challenge.of(row)


async def _refuse_others(challenge: Challenge, member_id: UUID) -> None:
    if challenge.segment is not None and not await is_in(challenge.segment, [member_id]):
        # Who isn't among those whom it is for is told nothing of it.
        raise ChallengeNotFound


def _refuse_unless_of_squads(challenge: Challenge) -> None:
    if challenge.team is not Team.SQUAD:
        raise ChallengeNotOpen("It isn't a challenge of squads.")


async def _enter(
    challenge: Challenge, team: UUID, member_ids: Collection[UUID], now: datetime
) -> None:
    """Let them take part; what they did before counts where the challenge says so."""
    if not member_ids:
        return
    known = await fetch(
        "SELECT member_id, team, turns, left_at FROM challenge_participation"
        " WHERE challenge = $1 AND member_id = ANY($2::uuid[])",
        challenge.id,
        list(member_ids),
    )
    for member_id in sorted(member_ids):
        mine = [row for row in known if row["member_id"] == member_id]
        if any(row["left_at"] is None for row in mine):
            continue
        since = _since(challenge, [row for row in mine if row["team"] != team], now)
        before = next((row["turns"] for row in mine if row["team"] == team), ())
        turns = list(entered(before, since))
        await execute(_ENTER, challenge.id, team, member_id, turns, now)
        await ask_no_more(challenge.id, member_id)
    if challenge.counts_since_start and challenge.starts_at <= now:
        pairs = {(challenge.id, member_id) for member_id in member_ids}
        await recount(pairs, {challenge.id: challenge})


def _since(challenge: Challenge, elsewhere: Iterable[asyncpg.Record], now: datetime) -> datetime:
    """From when on what they do counts. What was given to another team stays there."""
    if not challenge.counts_since_start:
        return now + JUST_AFTER
    others: list[datetime] = [turn for row in elsewhere for turn in row["turns"]]
    return max([min(challenge.starts_at, now), *others])


async def _leave(rows: Iterable[asyncpg.Record], now: datetime) -> None:
    for row in rows:
        await execute(_LEAVE, row["id"], list(left(row["turns"], now + JUST_AFTER)), now)
