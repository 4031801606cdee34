"""Holding what is kept of challenges against what follows from the ledger alone."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID

from gamification.challenges.challenge import COLUMNS, Challenge
from gamification.challenges.giving import Place
from gamification.challenges.recounting import expected, recount, stored
from gamification.challenges.share import counted
from gamification.challenges.telling import PREFIX
from gamification.ledger.intake import hold_everything
from ground import audit
from ground.callers import Caller
from ground.engine import execute, fetch
from ground.unit_of_work import after_commit, unit_of_work
from notifications.announcements.ticker import mark

AT_ONCE: Final = 200

_PUBLISHED: Final = f"""
SELECT {COLUMNS} FROM challenge WHERE published_at IS NOT NULL ORDER BY id
"""  # noqa: S608 - the constant list of columns

_MEMBERS: Final = """
SELECT DISTINCT member_id FROM challenge_participation
WHERE challenge = $1 AND member_id > $2 ORDER BY member_id LIMIT $3
"""

_GIVEN: Final = """
SELECT team, member_id, given FROM challenge_participation
WHERE challenge = $1 AND member_id = ANY($2::uuid[])
"""

_SUMS: Final = """
SELECT team, sum(counted)::bigint AS counted, sum(helpers)::bigint AS helpers
FROM challenge_progress WHERE challenge = $1 GROUP BY team
"""


_MEND: Final = (
    """
    UPDATE challenge_contribution t SET counted = greatest(0, least(c.daily_cap, t.done))
    FROM challenge c WHERE c.id = t.challenge AND c.id = $1
        AND t.counted <> greatest(0, least(c.daily_cap, t.done))
    """,
    """
    UPDATE challenge_participation p SET given = g.given
    FROM (
        SELECT p.id, coalesce(sum(t.counted), 0)::bigint AS given
        FROM challenge_participation p LEFT JOIN challenge_contribution t
            ON t.challenge = p.challenge AND t.member_id = p.member_id AND t.team = p.team
        WHERE p.challenge = $1 GROUP BY p.id
    ) g WHERE g.id = p.id AND g.given <> p.given
    """,
    "DELETE FROM challenge_progress WHERE challenge = $1",
    """
    INSERT INTO challenge_progress (challenge, team, shard, counted, helpers, undecided)
    SELECT challenge, team, 0, sum(given), count(*) FILTER (WHERE given > 0), true
    FROM challenge_participation WHERE challenge = $1 GROUP BY challenge, team
    """,
)


class Difference(NamedTuple):
    """Something that isn't as the ledger says."""

    challenge: UUID
    about: str
    stored: int
    expected: int

    def __str__(self) -> str:
        return (
            f"challenge {self.challenge} ({self.about}): "
            f"is {self.stored}, should be {self.expected}"
        )


async def differences() -> list[Difference]:
    """What is kept of challenges otherwise than the ledger says. Changes nothing.

    Crediting waits while one challenge is looked at.
    """
    found: list[Difference] = []
    for row in await fetch(_PUBLISHED):
        challenge = Challenge.of(row)
        async with unit_of_work():
            await hold_everything()
            found += await _of(challenge)
    return found


async def rebuild(*, by: Caller) -> int:
    """Make what is kept of challenges as the ledger says. Return how much was wrong.

    What was mended is in the audit trail, and told to who follows the challenge.
    """
    wrong = await differences()
    for challenge_id in sorted({each.challenge for each in wrong}):
        [row] = [row for row in await fetch(_PUBLISHED) if row["id"] == challenge_id]
        challenge = Challenge.of(row)
        async for members in _members(challenge):
            async with unit_of_work():
                await hold_everything()
                pairs = {(challenge.id, member_id) for member_id in members}
                if theirs := await recount(pairs, {challenge.id: challenge}):
                    await _note(challenge, by, members=sorted(map(str, theirs)))
        async with unit_of_work():
            await hold_everything()
            for statement in _MEND:
                await execute(statement, challenge.id)
            await _note(challenge, by, differences=_number_of(wrong, challenge))
            after_commit(partial(mark, [f"{PREFIX}:{challenge.id}"]))
    return len(wrong)


def _number_of(wrong: Collection[Difference], challenge: Challenge) -> int:
    return sum(each.challenge == challenge.id for each in wrong)


async def _note(challenge: Challenge, by: Caller, **details: int | list[str]) -> None:
    await audit.record(by, "replay.mended", subject=f"challenge:{challenge.id}", details=details)


async def _members(challenge: Challenge) -> AsyncIterator[list[UUID]]:
    last = UUID(int=0)
    while rows := await fetch(_MEMBERS, challenge.id, last, AT_ONCE):
        members = [row["member_id"] for row in rows]
        yield members
        last = members[-1]


async def _of(challenge: Challenge) -> list[Difference]:
    found: list[Difference] = []
    sums: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    async for members in _members(challenge):
        pairs = {(challenge.id, member_id) for member_id in members}
        wanted = await expected(pairs, {challenge.id: challenge})
        found += _of_days(challenge, wanted, await stored(pairs))
        given: dict[tuple[UUID, UUID], int] = defaultdict(int)
        for place, done in wanted.items():
            given[place.team, place.member_id] += counted(done, challenge.daily_cap)
        for row in await fetch(_GIVEN, challenge.id, members):
            should_be = given[row["team"], row["member_id"]]
            if row["given"] != should_be:
                about = f"given by {row['member_id']}"
                found.append(Difference(challenge.id, about, row["given"], should_be))
        for (team, _), much in given.items():
            sums[team][0] += much
            sums[team][1] += int(much > 0)
    return found + await _of_teams(challenge, sums)


def _of_days(
    challenge: Challenge, wanted: Mapping[Place, int], there: Mapping[Place, int]
) -> Iterator[Difference]:
    for place in sorted({*wanted, *there}):
        is_, should_be = there.get(place, 0), wanted.get(place, 0)
        if is_ != should_be:
            about = f"done by {place.member_id} on {place.day}"
            yield Difference(challenge.id, about, is_, should_be)


async def _of_teams(challenge: Challenge, sums: dict[UUID, list[int]]) -> list[Difference]:
    rows = await fetch(_SUMS, challenge.id)
    there = {row["team"]: [row["counted"], row["helpers"]] for row in rows}
    return [
        Difference(challenge.id, f"{about} of team {team}", is_, should_be)
        for team in sorted({*there, *sums})
        for about, is_, should_be in zip(
            ("progress", "helpers"), there.get(team, [0, 0]), sums[team], strict=True
        )
        if is_ != should_be
    ]
