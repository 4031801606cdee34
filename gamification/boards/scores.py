"""The points that boards show, kept in PostgreSQL as entries are credited."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from gamification.catalogue.compiled import Catalogue
from gamification.ledger.periods import ALL_TIME
from ground import clock
from ground.arrays import columns
from ground.engine import execute, fetch

PlaceOnBoard = tuple[str, str, UUID]


class Gain(NamedTuple):
    """Points that a member gained (or lost) with a kind, on a day of the programme."""

    member_id: UUID
    kind: str
    programme_day: date
    points: int


class Score(NamedTuple):
    """A member's points in a scope and period, and the number of the change that set them.

    `fell` says that it took points away.
    """

    scope: str
    period: str
    member_id: UUID
    points: int
    revision: int
    fell: bool = False


async def add(catalogue: Catalogue, gains: Iterable[Gain]) -> list[Score]:
    """Add gains to the periods that are open. Return the scores that changed."""
    changes: dict[PlaceOnBoard, int] = defaultdict(int)
    for gain in gains:
        for scope, period in catalogue.places_on_boards(gain.kind, gain.programme_day):
            changes[scope, period, gain.member_id] += gain.points
    closed = await closed_periods({period for _, period, _ in changes})
    rows = sorted(
        (*place, points) for place, points in changes.items() if points and place[1] not in closed
    )
    if not rows:
        return []
    found = await fetch(
        """
        INSERT INTO board_points AS b (scope, period, member_id, points, revision)
        SELECT s, p, m, n, 1
        FROM unnest($1::text::text[], $2::text::text[], $3::text::uuid[], $4::text::bigint[])
            AS t (s, p, m, n)
        ON CONFLICT (scope, period, member_id) DO UPDATE
        SET points = b.points + excluded.points, revision = b.revision + 1
        RETURNING scope, period, member_id, points, revision
        """,
        *columns(rows),
    )
    scores = [Score(*row) for row in found]
    fallen = {place for place, change in changes.items() if change < 0}
    if not fallen:
        return scores
    scores = [score._replace(fell=score[:3] in fallen) for score in scores]
    await _note_falls(scores, changes)
    return scores


async def _note_falls(scores: Iterable[Score], changes: Mapping[PlaceOnBoard, int]) -> None:
    """Remember from where points went down, for who pages through a board meanwhile."""
    falls = [(*score[:3], score.points - changes[score[:3]]) for score in scores if score.fell]
    if falls:
        await execute(
            """
            INSERT INTO board_fall (scope, period, member_id, fell_from, transaction, fell_at)
            SELECT s, p, m, n, pg_current_xact_id()::text::bigint, $5
            FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[]) AS t (s, p, m, n)
            """,
            *map(list, zip(*falls, strict=True)),
            clock.now(),
        )


async def forget_falls(before: datetime) -> None:
    """Drop what no cursor is old enough to ask for."""
    await execute("DELETE FROM board_fall WHERE fell_at < $1", before)


async def closed_periods(periods: Iterable[str]) -> dict[str, datetime]:
    """Which of these are closed, and since when."""
    wanted = sorted(set(periods) - {ALL_TIME})
    if not wanted:
        return {}
    rows = await fetch(
        "SELECT period, closed_at FROM closed_period WHERE period = ANY($1::text[])", wanted
    )
    return {row["period"]: row["closed_at"] for row in rows}
