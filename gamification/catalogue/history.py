"""From all that was ever published to what is in force: spans of criteria, terms of days."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple, cast

import msgspec

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import (
    BadgeDefinition,
    BoardDefinition,
    Definition,
    KindDefinition,
    SeasonDefinition,
    SegmentDefinition,
    TierDefinition,
    What,
)
from gamification.catalogue.kind import KindInForce
from gamification.catalogue.on_boards import SeasonInForce
from gamification.catalogue.rule import Rule, Span
from gamification.ledger.worth import Terms
from gamification.seasons.rules import deciding
from gamification.seasons.season import Season, latest_day


class Version(NamedTuple):
    """One published version of a kind, badge, tier or board."""

    what: What
    slug: str
    version: int
    definition: Definition
    published_at: datetime
    since: datetime | None = None
    from_day: date | None = None
    retired: bool = False


def compiled(
    revision: int, publications: Iterable[Version], flow_numbers: Mapping[str, int]
) -> Catalogue:
    """The catalogue after these publications, which may come in any order."""
    kinds: dict[str, KindInForce] = {}
    seasons: dict[str, SeasonInForce] = {}
    rules: list[Rule] = []
    shown: list[Definition] = []
    ordered = sorted(publications, key=lambda row: (row.what, row.slug, row.version))
    for _, group in groupby(ordered, key=lambda row: (row.what, row.slug)):
        rows = list(group)
        match rows[-1].definition:
            case KindDefinition() as kind:
                kinds[kind.slug] = KindInForce(kind, terms_of(rows), rows[-1].retired)
            case BadgeDefinition() | TierDefinition() as rule:
                rules.append(
                    Rule(
                        definition=rule,
                        spans=spans_of(rows),
                        version=rows[-1].version,
                        retired=rows[-1].retired,
                    )
                )
            case SeasonDefinition() as season:
                seasons[season.slug] = SeasonInForce(season, _days_of(season, rows[-1]))
            case BoardDefinition() | SegmentDefinition() as board_or_segment:
                shown += [] if rows[-1].retired else [board_or_segment]
    return Catalogue(
        revision=revision,
        seasons=seasons,
        kinds=kinds,
        rules=deciding(rules, [season.days for season in seasons.values()]),
        published=tuple(rules),
        boards=tuple(each for each in shown if isinstance(each, BoardDefinition)),
        segments={each.slug: each for each in shown if isinstance(each, SegmentDefinition)},
        flow_numbers=flow_numbers,
    )


def spans_of(versions: Iterable[Version]) -> tuple[Span, ...]:
    """The stretches of a rule's versions, the oldest first.

    A version with other criteria takes over from its `since` on, or for all the past when it
    has none. One with the same criteria goes on with the stretch that runs. One that retires
    the rule ends it.
    """
    spans: list[Span] = []
    for row in versions:
        running = spans[-1] if spans and spans[-1].until is None else None
        if row.retired:
            if running is not None:
                spans[-1] = msgspec.structs.replace(running, until=row.published_at)
            continue
        rule = cast("BadgeDefinition | TierDefinition", row.definition)
        span = span_of(rule, row.version, row.since)
        if running is not None and running.since == span.since and same_criteria(running, span):
            continue
        if span.since is None:
            spans.clear()
        elif running is not None:
            spans[-1] = msgspec.structs.replace(running, until=span.since)
        spans.append(span)
    return tuple(spans)


def span_of(
    rule: BadgeDefinition | TierDefinition, version: int, since: datetime | None = None
) -> Span:
    """The stretch that a version begins."""
    stays_while = rule.stays_while if isinstance(rule, TierDefinition) else None
    return Span(version=version, criteria=rule.criteria, stays_while=stays_while, since=since)


def same_criteria(one: Span, other: Span) -> bool:
    """Whether two versions ask for the same. `1` and `true` differ, as they do in a field."""
    return written([one.criteria, one.stays_while]) == written([other.criteria, other.stays_while])


def written(value: object) -> bytes:
    """A definition as it is stored, the same whatever the order of its keys."""
    return msgspec.json.encode(value, order="deterministic")


def terms_of(versions: Iterable[Version]) -> tuple[tuple[date, Terms], ...]:
    """What a kind is worth, and from which day on."""
    stretches: list[tuple[date, Terms]] = []
    for row in versions:
        terms = cast("KindDefinition", row.definition).terms
        if not stretches or stretches[-1][1] != terms:
            stretches.append((row.from_day or date.min, terms))
    return tuple(stretches)


def _days_of(season: SeasonDefinition, latest: Version) -> Season:
    """Its days. One that was retired ends then, with what may be recorded already."""
    ends_on = season.ends_on
    if latest.retired:
        ends_on = min(ends_on, latest_day(latest.published_at))
    return Season(season.slug, season.starts_on, ends_on, latest.retired)
