"""All categories there are. A new one stands in a module of `categories`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from notifications.wording.categories import (
    campaigns,
    challenges,
    digests,
    journeys,
    recognition,
    squads,
)
from notifications.wording.category import Category, Facts

CATEGORIES: Final[Mapping[str, Category]] = MappingProxyType(
    {
        category.slug: category
        for module in (campaigns, challenges, digests, journeys, recognition, squads)
        for category in module.CATEGORIES
    }
)


def facts_of(category: Category, given: Mapping[str, Any]) -> Facts:
    """The facts as the category declares them. Raises where they don't fit."""
    return msgspec.convert(given, category.facts, from_attributes=True)
