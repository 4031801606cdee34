"""Previews of publications by name."""

import msgspec

from community.catalogue.views import ForeseenView
from community.roster import service as roster
from gamification.catalogue.previews import service as previews
from gamification.catalogue.previews.foresight import Outcome
from gamification.catalogue.rule import Node
from gamification.rules.progress import Need, missing
from ground import cursors
from ground.http import Page
from ground.languages import Language


async def foreseen(
    preview_id: int,
    node: Node,
    outcome: Outcome,
    *,
    language: Language,
    limit: int,
    cursor: str | None,
) -> Page[ForeseenView]:
    """The members of whom a preview says this, in a stable order."""
    after = cursors.decode(cursor, int)[0] if cursor else 0
    await previews.read(preview_id)
    found = await previews.named(preview_id, node, outcome, after=after, limit=limit + 1)
    shown = found[:limit]
    people = await roster.several([each.member_id for each in shown])
    return Page(
        items=[
            _view(each, people[each.member_id], language)
            for each in shown
            if each.member_id in people
        ],
        next_cursor=cursors.encode(shown[-1].id) if len(found) > limit else None,
    )


def _view(each: previews.Named, person: roster.Listed, language: Language) -> ForeseenView:
    need = each.asks_for and msgspec.convert(each.asks_for[language], Need)
    return ForeseenView(
        member=each.member_id,
        display_name=person.display_name,
        state=person.state,
        subject=each.subject,
        held_since=each.held_since,
        would_hold_since=each.would_hold_since,
        activities=[str(entry) for entry in each.entries],
        asks_for=need,
        missing=missing(need) if need else [],
    )
