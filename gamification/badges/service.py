"""Reading the badges of a member, and why they have them."""

from datetime import datetime
from uuid import UUID

import asyncpg

from gamification.badges.views import AwardView, HeldView, SeasonName, TakenBackView, WhyView
from gamification.by_hand.reason import told
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import BadgeDefinition
from gamification.catalogue.errors import BadgeNotFound
from gamification.catalogue.images import address_of
from gamification.catalogue.rule import Rule
from gamification.catalogue.service import current
from gamification.recognition.explain import need_of
from gamification.rules.progress import missing
from gamification.standings.service import entries_of, say
from ground import cursors
from ground.engine import fetch
from ground.http import Page
from ground.languages import Language

MOST_AWARDS = 100


async def held(
    member_id: UUID, language: Language, limit: int, cursor: str | None
) -> Page[HeldView]:
    """A member's badges, the newest first."""
    catalogue = await current()
    at, last = cursors.decode(cursor, datetime, int) if cursor else (None, None)
    rows = await fetch(
        """
        SELECT a.id, a.badge, a.subject, a.season, a.awarded_at, act.reason
        FROM award a
        LEFT JOIN hand_award w ON w.id = a.hand LEFT JOIN hand_act act ON act.id = w.act_id
        WHERE a.member_id = $1 AND a.taken_back_at IS NULL
            AND ($2::timestamptz IS NULL OR (a.awarded_at, a.id) < ($2, $3::bigint))
        ORDER BY a.awarded_at DESC, a.id DESC LIMIT $4
        """,
        member_id,
        at,
        last,
        limit + 1,
    )
    shown = rows[:limit]
    position = (shown[-1]["awarded_at"], shown[-1]["id"]) if len(rows) > limit else None
    return Page(
        items=[_held_view(catalogue, row, language) for row in shown],
        next_cursor=cursors.encode(*position) if position else None,
    )


def _held_view(catalogue: Catalogue, row: asyncpg.Record, language: Language) -> HeldView:
    badge = catalogue.rules_by_node["badge", row["badge"]].definition
    if not isinstance(badge, BadgeDefinition):
        raise TypeError(badge)
    return HeldView(
        slug=badge.slug,
        name=badge.name.in_locale(language),
        description=badge.description.in_locale(language),
        thanks=badge.thanks.in_locale(language) if badge.thanks else None,
        image_url=address_of(badge.image),
        family=badge.family,
        level=badge.level,
        subject=row["subject"],
        season=_season(catalogue, row["season"], language),
        awarded_at=row["awarded_at"],
        reason=told(row["reason"], language),
    )


def _season(catalogue: Catalogue, slug: str, language: Language) -> SeasonName | None:
    season = catalogue.seasons.get(slug)
    if season is None:
        return None
    return SeasonName(slug=slug, name=season.definition.name.in_locale(language))


async def why(member_id: UUID, slug: str, language: Language, now: datetime) -> WhyView:
    """Which activities earned a badge under which version of its rule, or what is missing.

    A secret badge is there only for who holds it, or had it taken back by staff.
    """
    catalogue = await current()
    rule = catalogue.rules_by_node.get(("badge", slug))
    if rule is None or not isinstance(rule.definition, BadgeDefinition):
        raise BadgeNotFound
    rows = await fetch(
        """
        SELECT a.subject, a.season, a.awarded_at, a.version, a.entries, a.taken_back_at,
            act.reason
        FROM award a
        LEFT JOIN hand_award w ON w.id = a.hand LEFT JOIN hand_act act ON act.id = w.act_id
        WHERE a.member_id = $1 AND a.badge = $2 ORDER BY a.awarded_at DESC, a.id DESC LIMIT $3
        """,
        member_id,
        slug,
        MOST_AWARDS,
    )
    standing = [row for row in rows if row["taken_back_at"] is None]
    by_hand = any(row["reason"] is not None for row in rows)
    if not standing and not by_hand and (rule.definition.secret or rule.retired):
        raise BadgeNotFound
    return await _why_view(catalogue, rule, member_id, rows, language=language, now=now)


async def _why_view(
    catalogue: Catalogue,
    rule: Rule,
    member_id: UUID,
    rows: list[asyncpg.Record],
    *,
    language: Language,
    now: datetime,
) -> WhyView:
    standing = [row for row in rows if row["taken_back_at"] is None]
    need = await need_of(catalogue, rule, member_id, now, say(catalogue, language))
    entry_ids = {entry_id for row in standing for entry_id in row["entries"]}
    lines = await entries_of(catalogue, entry_ids, language)
    return WhyView(
        slug=rule.slug,
        name=rule.definition.name.in_locale(language),
        description=rule.definition.description.in_locale(language),
        held=bool(standing),
        version=rule.spans[-1].version,
        asks_for=need,
        missing=[] if standing and not rule.of_seasons else missing(need),
        awards=[
            AwardView(
                subject=row["subject"],
                season=_season(catalogue, row["season"], language),
                awarded_at=row["awarded_at"],
                version=row["version"],
                reason=told(row["reason"], language),
                activities=[lines[entry] for entry in row["entries"] if entry in lines],
            )
            for row in standing
        ],
        taken_back=[
            TakenBackView(
                subject=row["subject"],
                season=_season(catalogue, row["season"], language),
                taken_back_at=row["taken_back_at"],
                reason=told(row["reason"], language),
            )
            for row in rows
            if row["taken_back_at"] is not None
        ],
    )
