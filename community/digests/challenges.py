"""What challenges have to say to readers of digests: what everybody reached, and what is ahead."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from gamification.challenges.audience import is_in
from gamification.challenges.challenge import EVERYBODY, Texts
from ground.engine import fetch
from notifications.digests.content import Item, Reader, What
from notifications.wording.category import ByLanguage

MOST: Final = 200
WHOLE: Final = 100

ACHIEVED: Final = """
SELECT c.id, c.words, c.segment, m.percent, m.stretch, m.reached_at AS at
FROM challenge_milestone m JOIN challenge c ON c.id = m.challenge
WHERE m.team = $1 AND m.reached_at > $2 AND m.reached_at <= $3 AND c.published_at IS NOT NULL
    AND c.team = 'community' AND c.state <> 'cancelled'
ORDER BY m.reached_at DESC, m.percent DESC LIMIT $4
"""

COMING: Final = """
SELECT c.id, c.words, c.segment, c.starts_at > $1 AS begins,
    CASE WHEN c.starts_at > $1 THEN c.starts_at ELSE c.ends_at END AS at
FROM challenge c
WHERE c.published_at IS NOT NULL AND c.over_at IS NULL AND c.state <> 'paused'
    AND CASE WHEN c.starts_at > $1 THEN c.starts_at ELSE c.ends_at END BETWEEN $1 AND $2
ORDER BY at, c.id LIMIT $3
"""

DECLINED: Final = """
SELECT challenge, member_id FROM challenge_declined
WHERE challenge = ANY($1::uuid[]) AND member_id = ANY($2::uuid[])
"""

Found = Mapping[UUID, Sequence[Item]]


async def achieved(readers: Sequence[Reader]) -> Found:
    """How far everybody came together since each looked last: of a challenge the furthest."""
    since = min(each.since for each in readers)
    rows = await fetch(ACHIEVED, EVERYBODY, since, readers[0].now, MOST)
    inside = await _audience(rows, readers)
    found: dict[UUID, list[Item]] = defaultdict(list)
    for reader in readers:
        furthest: dict[UUID, asyncpg.Record] = {}
        for row in rows:
            if row["at"] > reader.since and _is_for(row, reader.member_id, inside):
                best = furthest.setdefault(row["id"], row)
                if _far(row) > _far(best):
                    furthest[row["id"]] = row
        found[reader.member_id] = [_reached(row) for row in furthest.values()]
    return found


def _far(row: asyncpg.Record) -> tuple[bool, int]:
    return row["stretch"], row["percent"]


def _reached(row: asyncpg.Record) -> Item:
    whole = What.BEYOND if row["stretch"] else What.REACHED
    what = whole if row["percent"] >= WHOLE else What.MILESTONE
    return _item(row, what, percent=row["percent"])


async def coming(readers: Sequence[Reader]) -> Found:
    """What begins or ends before each hears again, but what they said no to."""
    now, until = readers[0].now, max(each.ahead_to for each in readers)
    rows = await fetch(COMING, now, until, MOST)
    inside = await _audience(rows, readers)
    declined = await _declined(rows, readers)
    return {
        reader.member_id: [
            _item(row, What.BEGINS if row["begins"] else What.ENDS)
            for row in rows
            if row["at"] <= reader.ahead_to
            and _is_for(row, reader.member_id, inside)
            and (row["id"], reader.member_id) not in declined
        ]
        for reader in readers
    }


def _item(row: asyncpg.Record, what: What, percent: int = 0) -> Item:
    title = msgspec.json.decode(row["words"], type=Texts).title
    return Item(
        what=what,
        name=ByLanguage(fr=title.fr, en=title.en),
        link=f"/challenges/{row['id']}",
        percent=percent,
        at=row["at"],
    )


def _is_for(row: asyncpg.Record, member_id: UUID, inside: Mapping[str, Collection[UUID]]) -> bool:
    return row["segment"] is None or member_id in inside[row["segment"]]


async def _audience(
    rows: Sequence[asyncpg.Record], readers: Sequence[Reader]
) -> Mapping[str, Collection[UUID]]:
    """Who of the readers is in the segments that matter: a statement for each segment."""
    members = [each.member_id for each in readers]
    segments = {row["segment"] for row in rows} - {None}
    return {segment: await is_in(segment, members) for segment in sorted(segments)}


async def _declined(
    rows: Sequence[asyncpg.Record], readers: Sequence[Reader]
) -> set[tuple[UUID, UUID]]:
    if not rows:
        return set()
    ids, members = [row["id"] for row in rows], [each.member_id for each in readers]
    return {(row["challenge"], row["member_id"]) for row in await fetch(DECLINED, ids, members)}
