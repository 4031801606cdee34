"""The rules that decide: a badge that is earned per season has one for each season. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

import msgspec

from gamification.catalogue.prefixed import prefix_of
from gamification.catalogue.rule import Rule, Span
from gamification.rules.criteria import in_season, seasons_in
from gamification.seasons.season import Season


def deciding(published: Iterable[Rule], seasons: Sequence[Season]) -> tuple[Rule, ...]:
    """The rules that follow from badges and tiers as they were published."""
    return tuple(rule for each in published for rule in _rules(each, seasons))


def _rules(published: Rule, seasons: Sequence[Season]) -> Iterator[Rule]:
    if not published.of_seasons:
        yield _knowing(published, seasons)
        return
    for season in seasons:
        if prefix_of(season.slug) != prefix_of(published.slug):
            continue
        spans = tuple(
            msgspec.structs.replace(span, criteria=in_season(span.criteria, season.slug))
            for span in published.spans
            if _reaches(span, season)
        )
        if spans:
            rule = msgspec.structs.replace(published, spans=spans, season=season.slug)
            yield _knowing(rule, seasons)


def _reaches(span: Span, season: Season) -> bool:
    """Whether a version can be about anything of a season, wherever a day begins."""
    a_day = timedelta(days=1)
    begins = span.since is None or span.since.date() - a_day <= season.ends_on
    return begins and (span.until is None or season.starts_on <= span.until.date() + a_day)


def _knowing(rule: Rule, seasons: Iterable[Season]) -> Rule:
    """The rule with the seasons that its criteria name."""
    named = {slug for criteria in rule.criterias for slug in seasons_in(criteria)}
    if not named:
        return rule
    known = {season.slug: season for season in seasons if season.slug in named}
    return msgspec.structs.replace(rule, seasons=known)
