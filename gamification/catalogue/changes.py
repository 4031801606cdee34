"""What a publication changes: the new versions, and from when each counts. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import (
    BadgeDefinition,
    CatalogueFile,
    Definition,
    KindDefinition,
    TierDefinition,
    What,
)
from gamification.catalogue.history import Version, same_criteria, span_of, spans_of, written
from gamification.catalogue.rule import Node

# Somewhere it is later by this much than in UTC; and clocks of sources run a little ahead.
FURTHEST_EAST = timedelta(hours=14, minutes=5)


def new_versions(
    file: CatalogueFile,
    versions: Iterable[Version],
    now: datetime,
    *,
    to_the_past: bool,
    since: datetime | None = None,
    given: Mapping[tuple[What, str], int] = MappingProxyType({}),
) -> list[Version]:
    """The definitions of a file that aren't in force as they are, as versions to publish.

    Criteria that aren't about the past count from `since` on, or else from now. Numbers of
    versions go on after those in `given`, which may have been undone.
    """
    known: dict[tuple[What, str], list[Version]] = {}
    for version in sorted(versions, key=lambda version: version.version):
        known.setdefault((version.what, version.slug), []).append(version)
    found = []
    for what, definition in _each(file):
        earlier = known.get((what, definition.slug), [])
        if earlier and _stands(definition, earlier, to_the_past=to_the_past):
            continue
        counts_since, from_day = None, None
        if earlier and isinstance(definition, KindDefinition):
            from_day = _from_day(definition, earlier, now)
        if isinstance(definition, BadgeDefinition | TierDefinition) and not to_the_past:
            counts_since = _since(definition, earlier, since or now)
        found.append(
            Version(
                what=what,
                slug=definition.slug,
                version=max(len(earlier), given.get((what, definition.slug), 0)) + 1,
                definition=definition,
                published_at=now,
                since=counts_since,
                from_day=from_day,
            )
        )
    return found


def _each(file: CatalogueFile) -> Iterable[tuple[What, Definition]]:
    yield from (("season", season) for season in file.season)
    yield from (("kind", kind) for kind in file.kind)
    yield from (("badge", badge) for badge in file.badge)
    yield from (("tier", tier) for tier in file.tier)
    yield from (("board", board) for board in file.board)
    yield from (("segment", segment) for segment in file.segment)


def _stands(definition: Definition, earlier: list[Version], *, to_the_past: bool) -> bool:
    """Whether publishing the definition would change nothing."""
    latest = earlier[-1]
    if latest.retired or written(latest.definition) != written(definition):
        return False
    if not isinstance(definition, BadgeDefinition | TierDefinition) or not to_the_past:
        return True
    spans = spans_of(earlier)
    return len(spans) == 1 and spans[0].since is None and spans[0].until is None


def _since(
    definition: BadgeDefinition | TierDefinition, earlier: list[Version], now: datetime
) -> datetime | None:
    """From when on criteria count; unchanged ones go on as they did."""
    running = spans_of(earlier)[-1] if earlier and not earlier[-1].retired else None
    if running is not None and same_criteria(running, span_of(definition, running.version)):
        return running.since
    return now


def _from_day(definition: KindDefinition, earlier: list[Version], now: datetime) -> date | None:
    """From which day on terms count: a member's day has one set of terms, also one that runs."""
    latest = earlier[-1].definition
    if isinstance(latest, KindDefinition) and latest.terms == definition.terms:
        return earlier[-1].from_day
    return first_day_nowhere_begun(now)


def first_day_nowhere_begun(now: datetime) -> date:
    """The first day of which no activity can have been recorded, wherever a member is."""
    return (now + FURTHEST_EAST).date() + timedelta(days=1)


def to_decide_again(before: Catalogue, after: Catalogue) -> frozenset[Node]:
    """The badges and tiers that decide otherwise than before, and all that look at them."""
    earlier = _deciding(before)
    changed = {node for node, how in _deciding(after).items() if earlier.get(node) != how}
    for layer in after.layers:
        changed |= {rule.node for rule in layer if rule.looks_at & changed}
    return frozenset(changed)


def _deciding(catalogue: Catalogue) -> dict[Node, bytes]:
    """What decides about each badge and tier, in each season where it is earned by season."""
    found: dict[Node, list[object]] = {}
    for rule in catalogue.rules:
        grace = rule.definition.grace_days if isinstance(rule.definition, TierDefinition) else None
        about = [rule.season, rule.seasons, rule.spans, rule.kept, grace]
        found.setdefault(rule.node, []).append(about)
    return {node: written(each) for node, each in found.items()}
