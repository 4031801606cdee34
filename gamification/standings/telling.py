"""Tells members what changed about their recognition: one event a member and transaction.

While a transaction is at work it is only noted whom it touches. What is told is read from the
tables at its end, for those who ever listened: so it is what they would read themselves, and
whoever doesn't listen costs nothing but a look.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.prefixed import SEPARATOR
from gamification.catalogue.service import current
from gamification.recognition.held import Ruling
from gamification.rules.criteria import ANY_KIND
from gamification.seasons.season import Season, running_on
from gamification.standings.events import (
    BadgeGone,
    BadgeHeld,
    StandingChanged,
    StreakNow,
    StreaksNow,
    TierNow,
)
from gamification.streaks.service import Pace, Paces, paces_from
from gamification.streaks.streak import Run, Unit, last_day_to_go_on
from ground import clock, programme
from ground.engine import fetch
from ground.unit_of_work import before_commit
from notifications.announce import MEMBER, announce, listeners

# Whose badge it is, which one, on which subject, in which season.
Award = tuple[UUID, str, str, str]

WHERE_THEY_STAND: Final = """
SELECT m.member_id, coalesce(s.points, 0) AS points, s.last_active_day, s.streaks,
    t.tier, t.reached_at, t.lapses_at,
    (SELECT count(*) FROM award a
     WHERE a.member_id = m.member_id AND a.taken_back_at IS NULL) AS badges,
    ARRAY(SELECT coalesce(b.points, 0) FROM unnest($2::text[]) WITH ORDINALITY AS w (p, n)
        LEFT JOIN board_points b ON b.scope = $3 AND b.period = p AND b.member_id = m.member_id
        ORDER BY n) AS season_points
FROM unnest($1::uuid[]) AS m (member_id)
LEFT JOIN standing s ON s.member_id = m.member_id
LEFT JOIN LATERAL (
    SELECT h.tier, h.reached_at, h.lapses_at
    FROM tier_held h JOIN unnest($4::text[]) WITH ORDINALITY AS l (tier, rank) ON l.tier = h.tier
    WHERE h.member_id = m.member_id AND (h.lapses_at IS NULL OR h.lapses_at > $5)
    ORDER BY l.rank DESC LIMIT 1
) AS t ON true
"""

HOW_BADGES_ARE: Final = """
SELECT w.m AS member_id, w.b AS slug, w.su AS subject, w.se AS season, a.awarded_at,
    a.taken_back_at IS NULL AS held
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS w (m, b, su, se)
LEFT JOIN award a ON a.member_id = w.m AND a.badge = w.b AND a.subject = w.su AND a.season = w.se
"""


class _Noted(NamedTuple):
    """Something that touched members."""

    members: Collection[UUID]
    gains: Mapping[UUID, int]
    # The badges that came or went, and whether they were held before.
    awards: Mapping[Award, bool]


def note_credit(
    members: Collection[UUID], gains: Mapping[UUID, int], rulings: Iterable[Ruling]
) -> None:
    """Let these members be told of what was credited, or taken back, and what followed."""
    before_commit(_tell).append(_Noted(members, gains, {}))
    note_rulings(rulings)


def note_rulings(rulings: Iterable[Ruling]) -> None:
    """Let members be told of decisions about their badges and tiers."""
    moved = [ruling for ruling in rulings if _moved(ruling)]
    if moved:
        awards = {
            (ruling.member_id, ruling.rule.slug, ruling.subject, ruling.rule.season): (
                ruling.before is not None
            )
            for ruling in moved
            if ruling.rule.node[0] == "badge"
        }
        members = {ruling.member_id for ruling in moved}
        before_commit(_tell).append(_Noted(members, {}, awards))


def note_awards(awards: Iterable[Award], *, were_held: bool) -> None:
    """Let members be told of badges that came or went without a decision of criteria.

    What is noted first in a transaction says whether they were held before it.
    """
    changed = dict.fromkeys(awards, were_held)
    if changed:
        members = {member_id for member_id, *_ in changed}
        before_commit(_tell).append(_Noted(members, {}, changed))


def note_members(members: Collection[UUID]) -> None:
    """Let members be told where they stand, whatever it was that changed it."""
    if members:
        before_commit(_tell).append(_Noted(members, {}, {}))


def _moved(ruling: Ruling) -> bool:
    if ruling.verdict is None or ruling.before is None:
        return (ruling.verdict is None) is not (ruling.before is None)
    now = (ruling.verdict.at, ruling.verdict.lapses_at)
    return now != (ruling.before.at, ruling.before.lapses_at)


async def _tell(noted: list[_Noted]) -> None:
    """Tell each member once, with all that was noted."""
    names = {f"{MEMBER}{member_id}": member_id for each in noted for member_id in each.members}
    heard = {names[channel] for channel in await listeners(names)}
    if not heard:
        return
    gains = dict.fromkeys(heard, 0)
    awards: dict[Award, bool] = {}
    for each in noted:
        for member_id in heard & each.gains.keys():
            gains[member_id] += each.gains[member_id]
        for award, were_held in each.awards.items():
            if award[0] in heard:
                awards.setdefault(award, were_held)
    badges = await _badges(awards)
    for member_id, event in (await _standings(await current(), gains, badges)).items():
        announce(f"{MEMBER}{member_id}", event)


async def _badges(awards: Mapping[Award, bool]) -> dict[UUID, list[BadgeHeld | BadgeGone]]:
    found: dict[UUID, list[BadgeHeld | BadgeGone]] = {}
    if not awards:
        return found
    rows = await fetch(HOW_BADGES_ARE, *map(list, zip(*awards, strict=True)))
    for row in rows:
        member_id, slug, subject, season, awarded_at, held = row
        there = awarded_at is not None and held
        now: BadgeHeld | BadgeGone = (
            BadgeHeld(
                slug=slug,
                subject=subject,
                season=season,
                awarded_at=awarded_at,
                is_new=not awards[member_id, slug, subject, season],
            )
            if there
            else BadgeGone(slug=slug, subject=subject, season=season)
        )
        found.setdefault(member_id, []).append(now)
    return found


async def _standings(
    catalogue: Catalogue,
    gains: Mapping[UUID, int],
    badges: Mapping[UUID, Sequence[BadgeHeld | BadgeGone]],
) -> dict[UUID, StandingChanged]:
    now = clock.now()
    days = (season.days for season in catalogue.seasons.values())
    running = running_on(days, now.astimezone(programme.zone()).date())
    rows = await fetch(
        WHERE_THEY_STAND,
        sorted(gains),
        [season.period for season in running],
        ANY_KIND,
        # The lowest first: of an imported catalogue, tiers are on no ladder of the programme's.
        [tier.slug for tier in catalogue.tiers if SEPARATOR not in tier.slug],
        now,
    )
    return {
        row["member_id"]: _event(
            row, running, gains[row["member_id"]], badges.get(row["member_id"], ())
        )
        for row in rows
    }


def _event(
    row: asyncpg.Record,
    running: Sequence[Season],
    gained: int,
    badges: Sequence[BadgeHeld | BadgeGone],
) -> StandingChanged:
    paces = paces_from.decode(row["streaks"]) if row["streaks"] else {}
    return StandingChanged(
        points=row["points"],
        gained=gained,
        badges=row["badges"],
        tier=_tier(row),
        streaks=StreaksNow(
            day=_streak(paces, "day"), week=_streak(paces, "week"), month=_streak(paces, "month")
        ),
        last_active_on=row["last_active_day"],
        seasons={
            season.slug: points
            for season, points in zip(running, row["season_points"], strict=True)
        },
        held=[each for each in badges if isinstance(each, BadgeHeld)],
        gone=[each for each in badges if isinstance(each, BadgeGone)],
    )


def _tier(row: asyncpg.Record) -> TierNow | None:
    if row["tier"] is None:
        return None
    return TierNow(slug=row["tier"], reached_at=row["reached_at"], lapses_at=row["lapses_at"])


def _streak(paces: Paces, unit: Unit) -> StreakNow:
    pace = paces.get(unit, Pace(Run(), 0))
    return StreakNow(
        length=pace.run.length, best=pace.best, lasts_through=last_day_to_go_on(pace.run, unit)
    )
