"""Reading where a member stands."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import TierDefinition
from gamification.catalogue.images import address_of
from gamification.catalogue.names import NamesInCatalogue
from gamification.catalogue.prefixed import SEPARATOR
from gamification.catalogue.service import current
from gamification.catalogue.words import in_words
from gamification.holds import lines
from gamification.holds.line import Stands
from gamification.holds.lines import LedgerLine
from gamification.recognition.explain import Say, need_of
from gamification.rules.criteria import ANY_KIND
from gamification.rules.progress import missing
from gamification.seasons.season import Season, running_on
from gamification.standings.views import (
    ActivityView,
    NextTier,
    SeasonStanding,
    StandingView,
    Streaks,
    StreakView,
    TierReached,
)
from gamification.streaks.service import Pace, Paces, paces_from
from gamification.streaks.streak import Run, Unit, period_number, streak_in
from ground import cursors, programme
from ground.engine import fetch, fetchrow
from ground.http import Page
from ground.languages import Language
from ground.programme import zone_named

WHERE_ONE_STANDS: Final = """
SELECT coalesce(s.points, 0) AS points, s.last_active_day, s.streaks,
    coalesce(pr.time_zone, 'UTC') AS time_zone,
    (SELECT count(*) FROM award a
     WHERE a.member_id = $1 AND a.taken_back_at IS NULL) AS badges,
    ARRAY(SELECT coalesce(b.points, 0) FROM unnest($2::text[]) WITH ORDINALITY AS w (p, n)
        LEFT JOIN board_points b ON b.scope = $3 AND b.period = p AND b.member_id = $1
        ORDER BY n) AS season_points
FROM (SELECT $1::uuid AS member_id) m
LEFT JOIN standing s ON s.member_id = m.member_id
LEFT JOIN preferences pr ON pr.member_id = m.member_id
"""

# What a member reads beside the words of the team, where somebody looks at an activity or did.
SAYS: Final[Mapping[Language, Mapping[Stands, str]]] = {
    Language.FRENCH: {
        Stands.HELD: "L’équipe regarde cette activité de plus près. D’ici là elle ne compte pas ; "
        "si tout va bien, elle comptera de nouveau comme si de rien n’était.",
        Stands.TAKEN_BACK: "L’équipe a retiré cette activité : elle ne compte plus.",
    },
    Language.ENGLISH: {
        Stands.HELD: "The team is having a closer look at this activity. It doesn’t count until "
        "then; if all is well, it will count again as if nothing had been.",
        Stands.TAKEN_BACK: "The team took this activity back: it doesn’t count any more.",
    },
}


async def standing(member_id: UUID, language: Language, now: datetime) -> StandingView:
    """Points, tier, streaks, seasons, and what is missing for the next tier."""
    catalogue = await current()
    days = (season.days for season in catalogue.seasons.values())
    running = running_on(days, now.astimezone(programme.zone()).date())
    row = await fetchrow(
        WHERE_ONE_STANDS,
        member_id,
        [season.period for season in running],
        ANY_KIND,
    )
    if row is None:
        raise LookupError("a row without conditions is always there")
    reached = await tier_of(catalogue, member_id, language, now)
    paces = paces_from.decode(row["streaks"]) if row["streaks"] else {}
    today = now.astimezone(zone_named(row["time_zone"])).date()

    def streak(unit: Unit) -> StreakView:
        return _streak(paces, unit, period_number(today, unit))

    return StandingView(
        points=row["points"],
        tier=reached,
        next_tier=await _next_tier(catalogue, member_id, reached, language, now=now),
        streaks=Streaks(day=streak("day"), week=streak("week"), month=streak("month")),
        seasons=_seasons(catalogue, running, row["season_points"], language),
        last_active_on=row["last_active_day"],
        badges=row["badges"],
    )


def _seasons(
    catalogue: Catalogue, running: Sequence[Season], points: Sequence[int], language: Language
) -> list[SeasonStanding]:
    return [
        SeasonStanding(
            slug=season.slug,
            name=catalogue.seasons[season.slug].definition.name.in_locale(language),
            points=gained,
            ends_on=season.ends_on,
        )
        for season, gained in zip(running, points, strict=True)
    ]


def _streak(paces: Paces, unit: Unit, this_period: int) -> StreakView:
    pace = paces.get(unit, Pace(Run(), 0))
    streak = streak_in(this_period, pace.run, pace.best)
    return StreakView(current=streak.current, best=streak.best)


async def tier_of(
    catalogue: Catalogue, member_id: UUID, language: Language, now: datetime
) -> TierReached | None:
    """The highest tier that a member is in."""
    return (await tiers_of(catalogue, [member_id], language, now)).get(member_id)


async def tiers_of(
    catalogue: Catalogue, member_ids: Collection[UUID], language: Language, now: datetime
) -> dict[UUID, TierReached]:
    """The highest tier of each of these members who is in any."""
    ranked = {tier.slug: tier for tier in _ladder(catalogue)}
    rows = await fetch(
        """
        SELECT member_id, tier, reached_at, lapses_at FROM tier_held
        WHERE member_id = ANY($1::uuid[]) AND tier = ANY($2::text[])
            AND (lapses_at IS NULL OR lapses_at > $3)
        """,
        list(member_ids),
        list(ranked),
        now,
    )
    found: dict[UUID, TierReached] = {}
    for row in sorted(rows, key=lambda row: ranked[row["tier"]].rank):
        tier = ranked[row["tier"]]
        found[row["member_id"]] = TierReached(
            slug=tier.slug,
            name=tier.name.in_locale(language),
            description=tier.description.in_locale(language),
            image_url=address_of(tier.image),
            reached_at=row["reached_at"],
            lapses_at=row["lapses_at"],
        )
    return found


def _ladder(catalogue: Catalogue) -> list[TierDefinition]:
    """The programme's own tiers, the lowest first: those of an imported catalogue are others."""
    return [tier for tier in catalogue.tiers if SEPARATOR not in tier.slug]


async def _next_tier(
    catalogue: Catalogue,
    member_id: UUID,
    reached: TierReached | None,
    language: Language,
    *,
    now: datetime,
) -> NextTier | None:
    ladder = _ladder(catalogue)
    ranks = {tier.slug: tier.rank for tier in ladder}
    rank = ranks[reached.slug] if reached else 0
    above = next((tier for tier in ladder if tier.rank > rank), None)
    if above is None:
        return None
    rule = catalogue.rules_by_node["tier", above.slug]
    need = await need_of(catalogue, rule, member_id, now, say(catalogue, language))
    return NextTier(
        slug=above.slug,
        name=above.name.in_locale(language),
        asks_for=need,
        missing=missing(need),
    )


def say(catalogue: Catalogue, language: Language) -> Say:
    """How to say criteria of this catalogue in a language."""
    names = NamesInCatalogue(catalogue, language)
    return lambda criteria: in_words(criteria, names)


async def activities(
    member_id: UUID, language: Language, limit: int, cursor: str | None
) -> Page[ActivityView]:
    """A member's ledger, what was recorded last first."""
    catalogue = await current()
    before = cursors.decode(cursor, int)[0] if cursor else None
    found = await lines.of_member(member_id, before=before, limit=limit + 1)
    more = len(found) > limit
    items = [activity_view(catalogue, line, language) for line in found[:limit]]
    return Page(items=items, next_cursor=cursors.encode(found[limit - 1].id) if more else None)


async def entries_of(
    catalogue: Catalogue, entry_ids: Collection[int], language: Language
) -> dict[int, ActivityView]:
    """Lines of the ledger by the ids of entries."""
    found = await lines.by_entry(entry_ids)
    return {entry: activity_view(catalogue, line, language) for entry, line in found.items()}


def activity_view(catalogue: Catalogue, line: LedgerLine, language: Language) -> ActivityView:
    """A line of the ledger in words."""
    kind = catalogue.kinds.get(line.kind)
    return ActivityView(
        id=str(line.id),
        kind=line.kind,
        name=kind.definition.name.in_locale(language) if kind else line.kind,
        subject=line.subject,
        quantity=line.quantity,
        occurred_at=line.occurred_at,
        day_only=line.day_only,
        points=line.points,
        reason=line.reason,
        reverses=None if line.reverses is None else str(line.reverses),
        recorded_at=line.recorded_at,
        stands=line.stands,
        told=None if line.told is None else line.told.in_language(language),
        says=SAYS[language].get(line.stands) if line.held_at else None,
    )
