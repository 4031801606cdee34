"""Deciding what was reached, and letting challenges begin and end: in the worker, exactly once."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import structlog

from gamification.challenges import listening
from gamification.challenges.challenge import (
    COLUMNS,
    EVERYBODY,
    JUST_AFTER,
    LATE_ARRIVALS,
    Challenge,
)
from gamification.challenges.events import ChallengeCompleted, ChallengeMilestoneReached
from gamification.challenges.keeping import moved, tell_change
from gamification.challenges.notifying import What, notify_later
from gamification.challenges.tables import State, Team
from gamification.ledger.intake import hold_everything
from ground import clock
from ground.engine import fetch, fetchrow
from ground.jobs import defer
from ground.unit_of_work import unit_of_work
from notifications.announce import announce
from notifications.announcements.events import Event

log = structlog.get_logger(__name__)

THANK: Final = "challenges.thank"
TEAMS_AT_ONCE: Final = 500
# Percent.
ALL: Final = 100

# Who else decides about it does what there is to do.
_HOLD: Final = f"""
SELECT {COLUMNS} FROM challenge
WHERE id = $1 AND published_at IS NOT NULL AND closed_at IS NULL FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - the constant list of columns

_UNDECIDED: Final = """
UPDATE challenge_progress SET undecided = false
WHERE id IN (
    SELECT id FROM challenge_progress WHERE challenge = $1 AND undecided
    ORDER BY challenge, team, shard LIMIT $2 FOR UPDATE SKIP LOCKED
) RETURNING team
"""

# What was reached once stays reached, whatever is taken back later.
_MILESTONES: Final = """
INSERT INTO challenge_milestone (challenge, team, percent, stretch, reached_at)
SELECT $1, r.team, m.percent, m.stretch, $6
FROM (
    SELECT team, sum(counted) AS done FROM challenge_progress
    WHERE challenge = $1 AND team = ANY($2::uuid[]) GROUP BY team
) r JOIN unnest($3::int[], $4::bigint[], $5::bool[]) AS m (percent, needed, stretch)
    ON r.done >= m.needed
ORDER BY r.team, m.stretch, m.percent
ON CONFLICT DO NOTHING RETURNING team, percent, stretch
"""

_OPEN: Final = "SELECT id FROM challenge WHERE published_at IS NOT NULL AND closed_at IS NULL"


class Reached(NamedTuple):
    """A part of the goal that a team reached just now."""

    team: UUID
    percent: int
    stretch: bool


async def decide(challenge_id: UUID) -> list[Reached]:
    """Write down and announce what was reached, once whoever asks how often."""
    async with unit_of_work():
        row = await fetchrow(_HOLD, challenge_id)
        if row is None:
            return []
        challenge, now = Challenge.of(row), clock.now()
        teams = await _teams_to_decide(challenge)
        reached = await _write(challenge, teams, now)
        _tell(challenge, reached, now)
        await _notify(challenge, reached)
        if any(each.percent >= 100 for each in reached):
            challenge = await _goal_reached(challenge, now)
    if _is_over_by_reaching(challenge):
        await _conclude(challenge.id)
    return reached


async def decide_all() -> None:
    """Decide about all that is open: what a bell that was lost would have rung for."""
    for row in await fetch(_OPEN):
        await decide(row["id"])


async def by_the_clock() -> None:
    """Let challenges begin, end and close as their dates say. Safe to run at any time and again."""
    for row in await fetch(_OPEN):
        await _turn(row["id"])
        await decide(row["id"])
        await close(row["id"])


def milestones_of(challenge: Challenge) -> list[tuple[int, int, bool]]:
    """What there is to reach: percent, how much that is, and whether it is the stretch goal."""
    found = [
        (percent, -(-challenge.goal * percent // ALL), False)
        for percent in sorted({*challenge.milestones, ALL})
    ]
    stretch = challenge.stretch_goal
    return found if stretch is None else [*found, (stretch * ALL // challenge.goal, stretch, True)]


async def _teams_to_decide(challenge: Challenge) -> Collection[UUID]:
    if challenge.team is Team.COMMUNITY:
        return [EVERYBODY]
    teams = set[UUID]()
    while rows := await fetch(_UNDECIDED, challenge.id, TEAMS_AT_ONCE):
        teams |= {row["team"] for row in rows}
        if len(rows) < TEAMS_AT_ONCE:
            break
    return teams


async def _write(challenge: Challenge, teams: Collection[UUID], now: datetime) -> list[Reached]:
    if not teams:
        return []
    marks = zip(*milestones_of(challenge), strict=True)
    rows = await fetch(_MILESTONES, challenge.id, list(teams), *map(list, marks), now)
    return [Reached(row["team"], row["percent"], row["stretch"]) for row in rows]


def _tell(challenge: Challenge, reached: Collection[Reached], now: datetime) -> None:
    """On the challenge's channel, in order. What one reaches alone, only oneself is told."""
    in_order = sorted(reached, key=lambda one: (one.team, one.stretch, one.percent))
    if challenge.team is Team.PERSONAL:
        greatest = {each.team: each for each in in_order}
        for team, each in greatest.items():
            announce(f"member:{team}", _events(challenge, each, now)[-1])
        return
    for each in in_order:
        for event in _events(challenge, each, now):
            announce(challenge.channel, event)


async def _notify(challenge: Challenge, reached: Collection[Reached]) -> None:
    """In the inboxes of those who take part: the greatest that each team reached."""
    greatest = {each.team: each for each in sorted(reached, key=lambda one: one.percent)}
    teams_by_percent: dict[int, list[UUID]] = {}
    for team, each in greatest.items():
        teams_by_percent.setdefault(each.percent, []).append(team)
    for percent, teams in teams_by_percent.items():
        what: What = "milestone" if percent != ALL else "completed"
        await notify_later(challenge, what, percent=percent, teams=teams)


def _events(challenge: Challenge, reached: Reached, now: datetime) -> list[Event]:
    team = reached.team if challenge.team is Team.SQUAD else None
    milestone = ChallengeMilestoneReached(
        challenge_id=challenge.id,
        team=team,
        percent=reached.percent,
        stretch=reached.stretch,
        reached_at=now,
    )
    if reached.percent != ALL or reached.stretch:
        return [milestone]
    runs_on = challenge.stretch_goal is not None and challenge.over_at is None
    completed = ChallengeCompleted(
        challenge_id=challenge.id, team=team, reached_at=now, runs_on=runs_on
    )
    return [milestone, completed]


async def _goal_reached(challenge: Challenge, now: datetime) -> Challenge:
    """Unlock what there is; a goal of everybody's changes where the challenge stands."""
    if challenge.badge is not None:
        await defer(THANK, {"challenge": str(challenge.id)}, lock=challenge.channel)
    if challenge.team is not Team.COMMUNITY or challenge.reached_at is not None:
        return challenge
    state = challenge.state if challenge.state is State.PAUSED else State.REACHED
    reached = await moved(challenge, state=state, reached_at=now)
    tell_change(reached)
    return reached


def _is_over_by_reaching(challenge: Challenge) -> bool:
    return challenge.reached_at is not None and challenge.over_at is None


async def _conclude(challenge_id: UUID) -> None:
    """End what was reached, unless it runs on to a stretch goal that isn't."""
    async with unit_of_work():
        await hold_everything()
        row = await fetchrow(_HOLD, challenge_id)
        if row is None:
            return
        challenge, now = Challenge.of(row), clock.now()
        if not _is_over_by_reaching(challenge) or await _runs_on(challenge):
            return
        over = await moved(
            challenge, state=State.REACHED, over_at=min(now + JUST_AFTER, challenge.ends_at)
        )
        await listening.changed()
        tell_change(over)
    log.info("challenge_reached", challenge=str(challenge_id))


async def _runs_on(challenge: Challenge) -> bool:
    if challenge.stretch_goal is None:
        return False
    row = await fetchrow(
        "SELECT FROM challenge_milestone WHERE challenge = $1 AND stretch", challenge.id
    )
    return row is None


async def _turn(challenge_id: UUID) -> None:
    """Let it begin or end. What counts follows from its dates, so nobody has to wait for this."""
    async with unit_of_work():
        row = await fetchrow(_HOLD, challenge_id)
        if row is None:
            return
        challenge, now = Challenge.of(row), clock.now()
        if challenge.over_at is not None or challenge.state is State.PAUSED:
            return
        if challenge.ends_at <= now:
            state = State.ENDED if challenge.reached_at is None else State.REACHED
            tell_change(await moved(challenge, state=state, over_at=challenge.ends_at))
            if state is State.ENDED:
                await notify_later(challenge, "ended")
            await _thank_again(challenge)
        elif challenge.state is State.SCHEDULED and challenge.starts_at <= now:
            tell_change(await moved(challenge, state=State.RUNNING))


async def close(challenge_id: UUID) -> bool:
    """Freeze what has been over for long enough. Return whether it was closed now."""
    if not await _is_due(challenge_id):
        return False
    async with unit_of_work():
        # Nobody credits meanwhile: each entry came either before the closing or after it.
        await hold_everything()
        row = await fetchrow(_HOLD, challenge_id)
        if row is None:
            return False
        challenge = await moved(Challenge.of(row), closed_at=clock.now())
        await listening.changed()
        await _thank_again(challenge)
    log.info("challenge_closed", challenge=str(challenge_id))
    return True


async def _is_due(challenge_id: UUID) -> bool:
    row = await fetchrow(
        "SELECT FROM challenge WHERE id = $1 AND closed_at IS NULL AND over_at <= $2",
        challenge_id,
        clock.now() - LATE_ARRIVALS,
    )
    return row is not None


async def _thank_again(challenge: Challenge) -> None:
    """Who helped since it was reached is thanked as well."""
    if challenge.badge is not None:
        await defer(THANK, {"challenge": str(challenge.id)}, lock=challenge.channel)
