"""A catalogue under a prefix of its own, so that it never collides with another. Pure."""

from typing import TypeVar

import msgspec

from gamification.catalogue.definitions import BadgeDefinition, CatalogueFile, TierDefinition
from gamification.rules.criteria import (
    ANY_KIND,
    All,
    AnyOf,
    AtLeast,
    Count,
    Criteria,
    Distinct,
    First,
    Holds,
    NoneOf,
    Points,
    Sum,
)
from gamification.segments.criteria import (
    Did,
    HasBadge,
    InAll,
    InAny,
    InNone,
    InTier,
    SegmentCriteria,
)

SEPARATOR = ":"
T = TypeVar("T", bound=msgspec.Struct)


def prefixed(file: CatalogueFile, prefix: str) -> CatalogueFile:
    """The same catalogue with the prefix before every slug, and before every one asked for."""
    if not prefix:
        return file
    start = prefix + SEPARATOR
    return CatalogueFile(
        season=[_with(season, slug=start + season.slug) for season in file.season],
        kind=[_with(kind, slug=start + kind.slug) for kind in file.kind],
        badge=[_badge(badge, start) for badge in file.badge],
        tier=[_tier(tier, start) for tier in file.tier],
        board=[
            _with(
                board,
                slug=start + board.slug,
                season=board.season and start + board.season,
                kinds=[_kind(kind, start) for kind in board.kinds],
                segment=board.segment and start + board.segment,
            )
            for board in file.board
        ],
        segment=[
            _with(segment, slug=start + segment.slug, of=_members(segment.of, start))
            for segment in file.segment
        ],
    )


def prefix_of(slug: str) -> str:
    """The prefix of a slug; empty for one without."""
    return slug.rpartition(SEPARATOR)[0]


def _badge(badge: BadgeDefinition, start: str) -> BadgeDefinition:
    return _with(
        badge,
        slug=start + badge.slug,
        family=badge.family and start + badge.family,
        criteria=_criteria(badge.criteria, start),
    )


def _tier(tier: TierDefinition, start: str) -> TierDefinition:
    return _with(
        tier,
        slug=start + tier.slug,
        criteria=_criteria(tier.criteria, start),
        stays_while=tier.stays_while and _criteria(tier.stays_while, start),
    )


def _criteria(criteria: Criteria, start: str) -> Criteria:
    match criteria:
        case Count() | Sum() | Distinct():
            return _with(
                criteria,
                kind=_kind(criteria.kind, start),
                season=criteria.season and start + criteria.season,
            )
        case Points(season=season):
            return _with(criteria, season=season and start + season)
        case First(that=that):
            return _with(
                criteria,
                kind=_kind(criteria.kind, start),
                that=that and _criteria(that, start),
            )
        case Holds():
            return _with(
                criteria,
                badge=criteria.badge and start + criteria.badge,
                tier=criteria.tier and start + criteria.tier,
            )
        case All() | AnyOf() | NoneOf() | AtLeast():
            return _with(criteria, of=[_criteria(part, start) for part in criteria.of])
        case _:
            return criteria


def _members(criteria: SegmentCriteria, start: str) -> SegmentCriteria:
    match criteria:
        case InTier(one_of=one_of, at_least=at_least):
            return _with(
                criteria,
                one_of=one_of and [start + tier for tier in one_of],
                at_least=at_least and start + at_least,
            )
        case HasBadge(one_of=badges):
            return _with(criteria, one_of=[start + badge for badge in badges])
        case Did(kind=kind):
            return _with(criteria, kind=_kind(kind, start))
        case InAll() | InAny() | InNone():
            return _with(criteria, of=[_members(part, start) for part in criteria.of])
        case _:
            return criteria


def _kind(kind: str, start: str) -> str:
    return kind if kind == ANY_KIND else start + kind


def _with(struct: T, **changes: object) -> T:
    return msgspec.structs.replace(struct, **changes)
