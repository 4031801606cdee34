"""Whether a challenge can be: place and reason of what doesn't fit. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from gamification.catalogue.compiled import Catalogue
from gamification.challenges.definition import ChallengeDefinition
from gamification.ledger.activity import PARENT
from gamification.rules.criteria import ANY_KIND, ByHand, Distinct, Measured, Sum
from ground.errors import FieldError

LONGEST: Final = timedelta(days=366)


def in_zone(definition: ChallengeDefinition, zone: ZoneInfo) -> ChallengeDefinition:
    """The definition with its moments in UTC; without an offset they are the programme's."""
    return msgspec.structs.replace(
        definition,
        starts_at=_moment(definition.starts_at, zone),
        ends_at=_moment(definition.ends_at, zone),
    )


def _moment(moment: datetime, zone: ZoneInfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def faults(
    definition: ChallengeDefinition, catalogue: Catalogue, now: datetime
) -> Iterator[FieldError]:
    """What speaks against a challenge whose moments have an offset."""
    yield from _term(definition.counts, catalogue)
    yield from _window(definition.starts_at, definition.ends_at, now)
    yield from _goals(definition)
    yield from _badge(definition.badge, catalogue)
    if definition.season is not None and definition.season not in catalogue.seasons:
        yield FieldError("/season", f"There is no season {definition.season!r}")
    if definition.segment is not None and definition.segment not in catalogue.segments:
        yield FieldError("/segment", f"There is no segment {definition.segment!r}")


def _term(term: Measured, catalogue: Catalogue) -> Iterator[FieldError]:
    kind = catalogue.kinds.get(term.kind)
    if term.kind != ANY_KIND and (kind is None or kind.retired):
        yield FieldError("/counts/kind", f"There is no kind {term.kind!r}")
    yield from _what_does_not_add_up(term)
    if PARENT in term.where:
        yield FieldError(f"/counts/where/{PARENT}", "Reserved: it says what a subject belongs to")
    if isinstance(term, Distinct) and term.of == PARENT:
        yield FieldError("/counts/of", "Reserved: it says what a subject belongs to")


def _what_does_not_add_up(term: Measured) -> Iterator[FieldError]:
    if term.within_days is not None:
        yield FieldError("/counts/within_days", "A challenge has a window of its own")
    if term.season is not None:
        yield FieldError("/counts/season", "A challenge has a window of its own")
    if term.per_subject:
        yield FieldError("/counts/per_subject", "What is about one subject doesn't add up")
    if isinstance(term, Sum) and term.kind == ANY_KIND:
        yield FieldError("/counts/kind", "Quantities of different kinds don't add up")


def _window(starts_at: datetime, ends_at: datetime, now: datetime) -> Iterator[FieldError]:
    if ends_at <= starts_at:
        yield FieldError("/ends_at", "It ends after it starts")
    elif ends_at <= now:
        yield FieldError("/ends_at", "It lies in the past")
    elif ends_at - starts_at > LONGEST:
        yield FieldError("/ends_at", f"It lasts {LONGEST.days} days at most")


def _goals(definition: ChallengeDefinition) -> Iterator[FieldError]:
    stretch = definition.stretch_goal
    if stretch is not None and stretch <= definition.goal:
        yield FieldError("/stretch_goal", "It is beyond the goal")
    milestones = definition.milestones
    if list(milestones) != sorted(set(milestones)):
        yield FieldError("/milestones", "Each once, in rising order")


def _badge(slug: str | None, catalogue: Catalogue) -> Iterator[FieldError]:
    if slug is None:
        return
    badge = next((each for each in catalogue.badges if each.slug == slug), None)
    if badge is None:
        yield FieldError("/badge", f"There is no badge {slug!r}")
    elif not isinstance(badge.criteria, ByHand):
        yield FieldError("/badge", f"{slug!r} is earned by criteria: name one that is given")
