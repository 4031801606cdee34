"""Writing what members give: their days at once, the teams' sums just before COMMIT."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from gamification.challenges.challenge import Challenge
from gamification.challenges.tables import Team
from ground.engine import execute, fetch
from ground.unit_of_work import after_commit, before_commit
from notifications.announcements.ticker import mark

# The sum of all is in so many parts, that those who credit at the same time seldom meet.
SHARDS: Final = 16

_GIVE: Final = """
WITH w AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::uuid[], $5::bigint[],
        $6::bigint[]) AS w (challenge, member_id, day, team, done, cap)
), given AS (
    INSERT INTO challenge_contribution AS c (challenge, member_id, day, team, done, counted)
    SELECT challenge, member_id, day, team, done, greatest(0, least(cap, done))
    FROM w ORDER BY challenge, member_id, day, team
    ON CONFLICT (challenge, member_id, day, team) DO UPDATE
    SET done = c.done + excluded.done, counted = greatest(0, least(
        (SELECT w.cap FROM w WHERE w.challenge = excluded.challenge LIMIT 1),
        c.done + excluded.done))
    RETURNING challenge, member_id, day, team, done, counted
), gained AS (
    SELECT challenge, member_id, team,
        sum(given.counted - greatest(0, least(w.cap, given.done - w.done)))::bigint AS gained
    FROM given JOIN w USING (challenge, member_id, day, team)
    GROUP BY challenge, member_id, team
)
UPDATE challenge_participation p SET given = p.given + gained.gained
FROM gained
WHERE p.challenge = gained.challenge AND p.member_id = gained.member_id
    AND p.team = gained.team AND gained.gained <> 0
RETURNING p.challenge, p.team, p.member_id, p.given, gained.gained
"""

_ADD: Final = """
INSERT INTO challenge_progress AS p (challenge, team, shard, counted, helpers, undecided)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bool[])
ON CONFLICT (challenge, team, shard) DO UPDATE
SET counted = p.counted + excluded.counted, helpers = p.helpers + excluded.helpers,
    undecided = excluded.undecided
"""


class Place(NamedTuple):
    """A day of a member, as a team sees it."""

    challenge: UUID
    member_id: UUID
    day: date
    team: UUID


class Gained(NamedTuple):
    """By how much a part of a team's sum changes, and by how many helpers."""

    challenge: UUID
    team: UUID
    shard: int
    counted: int
    helpers: int
    of_teams: bool


async def give(changes: Mapping[Place, int], challenges: Mapping[UUID, Challenge]) -> None:
    """Change what was done on these days, and all that follows. The members' rows are held."""
    rows = sorted((*place, done) for place, done in changes.items() if done)
    if not rows:
        return
    found = await fetch(
        _GIVE,
        *map(list, zip(*rows, strict=True)),
        [challenges[row[0]].daily_cap for row in rows],
    )
    waiting = before_commit(_add)
    for challenge_id, team, member_id, given, gained in found:
        of_teams = challenges[challenge_id].team is not Team.COMMUNITY
        shard = 0 if of_teams else member_id.int % SHARDS
        helpers = int(given > 0) - int(given - gained > 0)
        waiting.append(Gained(challenge_id, team, shard, gained, helpers, of_teams))


async def _add(gains: list[Gained]) -> None:
    """Write the teams' sums, in one order: what many share is locked last, and shortly."""
    sums: dict[tuple[UUID, UUID, int, bool], list[int]] = defaultdict(lambda: [0, 0])
    for gain in gains:
        parts = sums[gain.challenge, gain.team, gain.shard, gain.of_teams]
        parts[0] += gain.counted
        parts[1] += gain.helpers
    rows = [
        (challenge, team, shard, counted, helpers, of_teams)
        for (challenge, team, shard, of_teams), (counted, helpers) in sorted(sums.items())
        if counted or helpers
    ]
    if not rows:
        return
    await execute(_ADD, *map(list, zip(*rows, strict=True)))
    touched = _channels(row[0] for row in rows)
    after_commit(lambda: mark(touched))


def _channels(challenge_ids: Iterable[UUID]) -> list[str]:
    return sorted({f"challenge:{each}" for each in challenge_ids})
