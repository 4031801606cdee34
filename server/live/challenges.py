"""Who may hear a challenge: who may read it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from gamification.challenges.audience import is_in
from ground.engine import fetch
from server.live.asked import Asked

OPEN: Final = """
SELECT id, segment FROM challenge WHERE id = ANY($1) AND published_at IS NOT NULL
"""
PARTICIPANTS: Final = """
SELECT DISTINCT challenge, member_id FROM challenge_participation
WHERE challenge = ANY($1) AND member_id = ANY($2) AND left_at IS NULL
"""


async def challenges(asked: Sequence[Asked]) -> list[bool]:
    """Everybody, or the members of its segment and who takes part; and sites that it is open to."""
    ids = {challenge_id for _, name in asked if (challenge_id := _id(name))}
    rows = await fetch(OPEN, list(ids))
    segments: dict[UUID, str | None] = {row["id"]: row["segment"] for row in rows}
    closer = await _closer(asked, {id_: segment for id_, segment in segments.items() if segment})
    return [
        (challenge_id := _id(name)) in segments
        and (
            reader.member is None
            or segments[challenge_id] is None
            or (challenge_id, reader.member) in closer
        )
        for reader, name in asked
    ]


async def _closer(
    asked: Sequence[Asked], segments: dict[UUID, str]
) -> Collection[tuple[UUID, UUID]]:
    """Who is in the segment of which challenge, or takes part whatever became of that."""
    wanted: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for reader, name in asked:
        challenge_id = _id(name)
        if challenge_id in segments and reader.member is not None:
            wanted[challenge_id].add(reader.member)
    if not wanted:
        return set()
    members = list(set().union(*wanted.values()))
    rows = await fetch(PARTICIPANTS, list(wanted), members)
    found = {(row["challenge"], row["member_id"]) for row in rows}
    for challenge_id, member_ids in wanted.items():
        inside = await is_in(segments[challenge_id], member_ids)
        found |= {(challenge_id, member_id) for member_id in inside}
    return found


def _id(name: str) -> UUID | None:
    """The id, if it is written as we write it: each channel has one name."""
    try:
        found = UUID(name)
    except ValueError:
        return None
    return found if str(found) == name else None
