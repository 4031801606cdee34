"""Tells members what staff gave them or took, and why."""

from collections.abc import Collection
from uuid import UUID

import msgspec

from gamification.by_hand.act import Act, Outcome, Result
from gamification.by_hand.reason import Reason
from gamification.by_hand.tables import Does
from gamification.catalogue.compiled import Catalogue
from ground.languages import Language
from notifications.journeys.happened import happened, is_over
from notifications.notify import notify_many, telling
from notifications.wording.category import ByLanguage


async def tell_given(catalogue: Catalogue, act: Act, changed: Collection[UUID]) -> None:
    """Say to whom a badge was given, or from whom it was taken, with the reason."""
    category = {Does.GIVE: "badge.given", Does.TAKE: "badge.taken"}.get(act.does)
    if category is None or not changed:
        return
    name = catalogue.rules_by_node["badge", act.slug].definition.name
    await notify_many(
        [
            telling(each, category, badge=act.slug, name=name, reason=in_words(act.reason))
            for each in changed
        ]
    )
    for each in changed:
        if act.does is Does.GIVE:
            words = msgspec.convert(name, ByLanguage, from_attributes=True)
            happened(each, f"badge:{act.slug}", name=words)
        else:
            is_over(each, f"badge:{act.slug}")


async def tell_credited(act: Act, results: Collection[Result]) -> None:
    """Say to whom an activity was credited, with the reason."""
    await notify_many(
        [
            telling(each.member_id, "points.given", activity=act.slug, reason=in_words(act.reason))
            for each in results
            if each.outcome is Outcome.DONE
        ]
    )


def in_words(reason: Reason | None) -> dict[str, str]:
    """A reason in each language, so far as it was written and not forgotten."""
    if reason is None:
        return {language.value: "" for language in Language}
    return {language.value: reason.in_language(language) for language in Language}
