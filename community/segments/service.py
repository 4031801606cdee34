"""Segments with the names of their members, for managers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from community.roster import service as roster
from community.roster.views import ListedView
from community.segments.views import InWords, SegmentPreviewView, SegmentPreviewWanted
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.names import NamesInCatalogue
from gamification.catalogue.service import current
from gamification.segments import service as segments
from gamification.segments.criteria import SegmentCriteria
from gamification.segments.service import Place
from gamification.segments.words import members_in_words
from ground import cursors
from ground.http import Page
from ground.languages import Language


async def preview(wanted: SegmentPreviewWanted) -> SegmentPreviewView:
    """Whom criteria would be of, without saving anything."""
    catalogue = await current()
    segments.refuse_faults(wanted.of, catalogue, "/of")
    counted = await segments.count(wanted.of, catalogue)
    places = await segments.page(wanted.of, catalogue, before=None, limit=wanted.sample)
    return SegmentPreviewView.of(counted, says(wanted.of, catalogue), await _named(places))


async def members(slug: str, limit: int, cursor: str | None) -> Page[ListedView]:
    """Who is in a segment at the moment, who joined last first."""
    before = Place(*cursors.decode(cursor, datetime, UUID)) if cursor else None
    segment, catalogue = await segments.segment(slug)
    places = await segments.page(segment.of, catalogue, before=before, limit=limit + 1)
    more = len(places) > limit
    return Page(
        items=await _named(places[:limit]),
        next_cursor=cursors.encode(*places[limit - 1]) if more else None,
    )


def says(criteria: SegmentCriteria, catalogue: Catalogue) -> InWords:
    """The criteria in both languages."""
    french, english = (
        members_in_words(criteria, NamesInCatalogue(catalogue, language))
        for language in (Language.FRENCH, Language.ENGLISH)
    )
    return InWords(fr=french, en=english)


async def _named(places: Sequence[Place]) -> list[ListedView]:
    """The members in the order of their places. Who left this instant is absent."""
    found = await roster.several([place.member_id for place in places])
    return [ListedView.of(found[place.member_id]) for place in places if place.member_id in found]
