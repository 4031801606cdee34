"""Tells members what they earned. What was earned long ago, as an import finds it, is no news."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from gamification.catalogue.definitions import TierDefinition
from gamification.recognition.held import Ruling
from notifications.notify import Telling, notify_many, telling

# A phone that was away for a weekend still brings news.
STILL_NEWS: Final = timedelta(days=7)


async def tell_earned(rulings: Collection[Ruling], now: datetime) -> None:
    """Tell whom it concerns, in one statement; none if nothing was earned."""
    await notify_many(list(_earned(rulings, now)))


def _earned(rulings: Collection[Ruling], now: datetime) -> Iterable[Telling]:
    for ruling in sorted(rulings, key=_rank):
        if not ruling.earned or ruling.verdict is None or ruling.verdict.at < now - STILL_NEWS:
            continue
        definition = ruling.rule.definition
        facts: dict[str, Any] = {"name": definition.name, "image": definition.image or ""}
        if isinstance(definition, TierDefinition):
            yield telling(ruling.member_id, "tier.reached", tier=definition.slug, **facts)
        else:
            yield telling(ruling.member_id, "badge.earned", badge=definition.slug, **facts)


def _rank(ruling: Ruling) -> int:
    """The highest tier speaks last: of what is alike, that is what is read."""
    definition = ruling.rule.definition
    return definition.rank if isinstance(definition, TierDefinition) else 0
