"""Keeps who is in the segments that something is for: written down, so that boards can join it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import SegmentDefinition
from gamification.catalogue.service import current
from gamification.rules.criteria import ANY_KIND
from gamification.segments.statement import members_who
from ground import clock
from ground.engine import execute
from ground.long_reads import fetch_long

FOLLOW: Final = """
WITH fits AS (SELECT p.member_id {members}), gone AS (
    DELETE FROM segment_member
    WHERE segment = {segment} AND period = '' AND member_id = ANY({who}::uuid[])
      AND member_id NOT IN (SELECT member_id FROM fits)
)
INSERT INTO segment_member (segment, period, member_id) SELECT {segment}, '', member_id FROM fits
ON CONFLICT DO NOTHING
"""

STRAYS: Final = """
SELECT coalesce(f.member_id, k.member_id) AS member_id
FROM (SELECT p.member_id {members}) f
FULL JOIN (SELECT member_id FROM segment_member WHERE segment = {segment} AND period = '') k
    ON k.member_id = f.member_id
WHERE (f.member_id IS NULL OR k.member_id IS NULL)
  AND coalesce(f.member_id, k.member_id) > {after}
ORDER BY 1 LIMIT {limit}
"""

# Whoever has points of some kinds in a period has some of all kinds.
FREEZE: Final = """
INSERT INTO segment_member (segment, period, member_id)
SELECT m.segment, b.period, m.member_id
FROM segment_member m JOIN board_points b ON b.member_id = m.member_id
WHERE m.period = '' AND b.scope = $2 AND b.period = ANY($1::text[]) AND b.points > 0
ON CONFLICT DO NOTHING
"""

MOVE: Final = """
WITH moved AS (DELETE FROM segment_member WHERE member_id = $1 RETURNING segment, period)
INSERT INTO segment_member (segment, period, member_id)
SELECT segment, period, $2 FROM moved WHERE period <> '' ON CONFLICT DO NOTHING
"""


def in_use(catalogue: Catalogue) -> list[SegmentDefinition]:
    """The segments that something in force is for, by slug."""
    used = {board.segment for board in catalogue.boards}
    return [segment for slug, segment in sorted(catalogue.segments.items()) if slug in used]


async def follow(member_ids: Sequence[UUID]) -> None:
    """Write down which segments these members are in now.

    Call it in a transaction that holds their players' rows, and tell boards.
    """
    catalogue = await current()
    for segment in in_use(catalogue):
        members = members_who(segment.of, catalogue, clock.now(), only=member_ids)
        statement = FOLLOW.format(
            members=members.sql,
            segment=f"{members.with_value(segment.slug)}::varchar",
            who=members.with_value(list(member_ids)),
        )
        await execute(statement, *members.values)


async def strays(
    segment: SegmentDefinition, catalogue: Catalogue, after: UUID, limit: int
) -> list[UUID]:
    """Some of those who are in it or not, other than is written down. By their ids."""
    members = members_who(segment.of, catalogue, clock.now())
    statement = STRAYS.format(
        members=members.sql,
        segment=members.with_value(segment.slug),
        after=f"{members.with_value(after)}::uuid",
        limit=f"{members.with_value(limit)}::int",
    )
    return [row["member_id"] for row in await fetch_long(statement, *members.values)]


async def forget_unused(catalogue: Catalogue) -> None:
    """Drop who was in segments that nothing is for any more."""
    used = [segment.slug for segment in in_use(catalogue)]
    await execute("DELETE FROM segment_member WHERE segment <> ALL($1::text[])", used)


async def freeze(periods: Sequence[str]) -> None:
    """Keep for good who was in each segment when these periods were closed.

    Call it in the transaction that closes them.
    """
    await execute(FREEZE, list(periods), ANY_KIND)


async def forget_periods(readable: Sequence[str]) -> None:
    """Drop who was in segments in closed periods that no board can be read for any more."""
    await execute(
        "DELETE FROM segment_member WHERE period <> '' AND period <> ALL($1::text[])",
        list(readable),
    )


async def move(gone: UUID, survivor: UUID) -> None:
    """Let the survivor of a merge be where the other was when periods were closed."""
    await execute(MOVE, gone, survivor)
