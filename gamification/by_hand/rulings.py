"""Which badges staff gave or took by hand: the latest act of a place rules over the criteria."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from gamification.standings.telling import note_awards
from ground.engine import execute, fetch

# Whose, which badge, on which subject, in which season.
Place = tuple[UUID, str, str, str]


class HandRuling(NamedTuple):
    """What staff decided about a badge of a member."""

    id: int
    act_id: int
    member_id: UUID
    badge: str
    subject: str
    season: str
    gives: bool
    version: int
    at: datetime

    @property
    def place(self) -> Place:
        return self.member_id, self.badge, self.subject, self.season

    @property
    def row(self) -> tuple[object, ...]:
        """What the award then says: since when, by which version, through what, by which entries,
        by which act, and since when it is gone."""
        return self.at, self.version, "", [], self.id, None if self.gives else self.at


async def rulings_of(
    member_ids: Collection[UUID], as_of: datetime | None = None
) -> dict[Place, HandRuling]:
    """What rules by hand over members' badges, as it was known then."""
    rows = await fetch(
        """
        SELECT DISTINCT ON (member_id, badge, subject, season)
            id, act_id, member_id, badge, subject, season, gives, version, at
        FROM hand_award
        WHERE member_id = ANY($1::uuid[]) AND ($2::timestamptz IS NULL OR at <= $2)
        ORDER BY member_id, badge, subject, season, id DESC
        """,
        list(member_ids),
        as_of,
    )
    found = [HandRuling(*row) for row in rows if row["gives"] is not None]
    return {ruling.place: ruling for ruling in found}


async def rule(
    act_id: int, places: Collection[Place], *, gives: bool | None, version: int, at: datetime
) -> None:
    """Let an act rule over these places; with nothing to give or take, leave them to criteria."""
    rows = await fetch(
        """
        INSERT INTO hand_award (act_id, member_id, badge, subject, season, gives, version, at)
        SELECT $1, m, b, s, se, $6, $7, $8
        FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) AS w (m, b, s, se)
        RETURNING id, act_id, member_id, badge, subject, season, gives, version, at
        """,
        act_id,
        *map(list, zip(*sorted(places), strict=True)),
        gives,
        version,
        at,
    )
    if gives is None:
        await _leave(places, at)
    else:
        await keep([HandRuling(*row) for row in rows])
    note_awards(places, were_held=gives is not True)


async def keep(rulings: Iterable[HandRuling]) -> None:
    """Write the awards as acts by hand have them."""
    rows = [(*each.place, each.version, each.at, each.id, each.gives) for each in rulings]
    if not rows:
        return
    await execute(
        """
        INSERT INTO award AS a (member_id, badge, subject, season, through, awarded_at, version,
            entries, recorded_at, taken_back_at, hand)
        SELECT m, b, s, se, '', at, v, '{}', at, CASE WHEN g THEN NULL ELSE at END, h
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::timestamptz[],
            $7::bigint[], $8::bool[]) AS w (m, b, s, se, v, at, h, g)
        ON CONFLICT (member_id, badge, subject, season) DO UPDATE
        SET through = '', awarded_at = excluded.awarded_at, version = excluded.version,
            entries = '{}', recorded_at = excluded.recorded_at,
            taken_back_at = excluded.taken_back_at, hand = excluded.hand
        """,
        *map(list, zip(*rows, strict=True)),
    )


async def _leave(places: Collection[Place], at: datetime) -> None:
    """Nobody has these by hand any more; criteria are asked afterwards."""
    await execute(
        """
        UPDATE award SET hand = NULL, taken_back_at = coalesce(taken_back_at, $5)
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS w (m, b, s, se)
        WHERE member_id = m AND badge = b AND subject = s AND season = se AND hand IS NOT NULL
        """,
        *map(list, zip(*sorted(places), strict=True)),
        at,
    )


async def move(from_id: UUID, to_id: UUID, now: datetime) -> set[str]:
    """What staff decided about one account is about the other from now on.

    Where it decided about both, what it decided last rules. Return the badges.
    """
    found = await rulings_of([from_id, to_id])
    gone = [ruling for ruling in found.values() if ruling.member_id == from_id]
    for ruling in gone:
        rival = found.get((to_id, *ruling.place[1:]))
        if rival is None or rival.id < ruling.id:
            await rule(
                ruling.act_id,
                [(to_id, *ruling.place[1:])],
                gives=ruling.gives,
                version=ruling.version,
                at=ruling.at,
            )
        await rule(ruling.act_id, [ruling.place], gives=None, version=ruling.version, at=now)
    return {ruling.badge for ruling in gone}
