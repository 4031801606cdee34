"""Reading the catalogue in force, page by page, in one language."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

from gamification.catalogue.definitions import BadgeDefinition
from gamification.catalogue.errors import BadgeNotFound, TierNotFound
from gamification.catalogue.kind import KindInForce
from gamification.catalogue.names import NamesInCatalogue
from gamification.catalogue.service import current
from gamification.catalogue.views import BadgeView, KindView, TierView
from ground import clock, cursors, programme
from ground.http import Page
from ground.languages import Language

T = TypeVar("T", BadgeView, KindView, TierView)
Position = tuple[str, int, str]


async def badges(language: Language, limit: int, cursor: str | None) -> Page[BadgeView]:
    """The badges that aren't secret, families together."""
    catalogue = await current()
    said = catalogue.said
    if ("badges", language) not in said:
        names = NamesInCatalogue(catalogue, language)
        said["badges", language] = [
            (_place(badge), BadgeView.of(badge, names))
            for badge in catalogue.badges
            if not badge.secret
        ]
    return _page(said["badges", language], limit, cursor)


def _place(badge: BadgeDefinition) -> Position:
    return badge.family or badge.slug, badge.level or 0, badge.slug


async def badge(language: Language, slug: str) -> BadgeView:
    """A badge that isn't secret."""
    catalogue = await current()
    for each in catalogue.badges:
        if each.slug == slug and not each.secret:
            return BadgeView.of(each, NamesInCatalogue(catalogue, language))
    raise BadgeNotFound


async def tiers(language: Language, limit: int, cursor: str | None) -> Page[TierView]:
    """The tiers, the lowest first."""
    catalogue = await current()
    said = catalogue.said
    if ("tiers", language) not in said:
        names = NamesInCatalogue(catalogue, language)
        said["tiers", language] = [
            (("", tier.rank, tier.slug), TierView.of(tier, names)) for tier in catalogue.tiers
        ]
    return _page(said["tiers", language], limit, cursor)


async def tier(language: Language, slug: str) -> TierView:
    """A tier."""
    catalogue = await current()
    for each in catalogue.tiers:
        if each.slug == slug:
            return TierView.of(each, NamesInCatalogue(catalogue, language))
    raise TierNotFound


async def kinds(language: Language, limit: int, cursor: str | None) -> Page[KindView]:
    """The kinds of activity, with what they are worth today."""
    catalogue = await current()
    today = clock.now().astimezone(programme.zone()).date()
    shown = (
        (("", 0, slug), _kind(kind, today, language))
        for slug, kind in catalogue.kinds.items()
        if not kind.retired
    )
    return _page(shown, limit, cursor)


def _kind(kind: KindInForce, today: date, language: Language) -> KindView:
    return KindView.of(kind.definition, kind.terms_on(today), language)


def _page(items: Iterable[tuple[Position, T]], limit: int, cursor: str | None) -> Page[T]:
    after = cursors.decode(cursor, str, int, str) if cursor else None
    rest: Sequence[tuple[Position, T]] = sorted(
        (item for item in items if after is None or item[0] > after), key=lambda item: item[0]
    )
    last = rest[limit - 1][0] if len(rest) > limit else None
    return Page(
        items=[view for _, view in rest[:limit]],
        next_cursor=cursors.encode(*last) if last else None,
    )
