"""What follows for challenges when two accounts of one person become one."""

from collections import defaultdict
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from gamification.challenges.listening import listening, revision
from gamification.challenges.recounting import recount
from gamification.challenges.share import Turns
from ground import clock
from ground.engine import execute, fetch

_BOTH: Final = """
SELECT p.id, p.challenge, p.team, p.member_id, p.turns, p.joined_at, p.left_at, p.given,
    c.team AS kind, c.closed_at IS NOT NULL AS closed
FROM challenge_participation p JOIN challenge c ON c.id = p.challenge
WHERE p.member_id = ANY($1::uuid[]) ORDER BY p.id
"""

_PUT: Final = """
INSERT INTO challenge_participation AS p (challenge, team, member_id, turns, joined_at, left_at,
    given)
VALUES ($1, $2, $3, $4::timestamptz[], $5, $6, 0)
ON CONFLICT (challenge, member_id, team) DO UPDATE
SET turns = excluded.turns, joined_at = least(p.joined_at, excluded.joined_at),
    left_at = excluded.left_at
"""


async def move(gone: UUID, survivor: UUID) -> None:
    """Let the survivor take part wherever either did, with all that is the survivor's now.

    Both rows are held by the caller. Where a challenge is closed, nothing changes any more: what
    was given stays, under nobody's name.
    """
    rows = await fetch(_BOTH, [gone, survivor])
    theirs: dict[tuple[UUID, UUID], list[asyncpg.Record]] = defaultdict(list)
    open_teams = {
        row["challenge"]: row["team"]
        for row in rows
        if row["member_id"] == survivor and row["left_at"] is None
    }
    for row in rows:
        if not row["closed"]:
            team = survivor if row["kind"] == "personal" else row["team"]
            theirs[row["challenge"], team].append(row)
    for (challenge, team), both in theirs.items():
        if any(row["member_id"] == gone for row in both):
            await _put(challenge, team, survivor, both, open_teams.get(challenge))
    await execute(
        "UPDATE challenge_participation SET left_at = coalesce(left_at, $2) WHERE member_id = $1",
        gone,
        clock.now(),
    )
    open_now = await listening(await revision())
    pairs = {(challenge, survivor) for challenge, _ in theirs if challenge in open_now.by_id}
    await recount(pairs, open_now.by_id)
    await execute(
        """
        INSERT INTO challenge_declined (challenge, member_id, said_at)
        SELECT challenge, $2, said_at FROM challenge_declined WHERE member_id = $1
        ON CONFLICT DO NOTHING
        """,
        gone,
        survivor,
    )


async def _put(
    challenge: UUID,
    team: UUID,
    survivor: UUID,
    both: list[asyncpg.Record],
    open_team: UUID | None,
) -> None:
    turns: Turns = ()
    for row in both:
        turns = together(turns, tuple(row["turns"]))
    ends: list[datetime] = [row["left_at"] for row in both if row["left_at"] is not None]
    stays = len(ends) < len(both) and open_team in {None, team}
    if len(turns) % 2 and not stays:
        # In another squad since then.
        turns = turns[:-1]
    await execute(
        _PUT,
        challenge,
        team,
        survivor,
        list(turns),
        min(row["joined_at"] for row in both),
        None if stays else max(ends, default=both[0]["joined_at"]),
    )


def together(ours: Turns, theirs: Turns) -> Turns:
    """The turns during which either took part."""
    found: list[datetime] = []
    for moment in sorted({*ours, *theirs}):
        inside = any(sum(turn <= moment for turn in turns) % 2 for turns in (ours, theirs))
        if inside != bool(len(found) % 2):
            found.append(moment)
    return tuple(found)
