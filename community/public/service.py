"""What public sites may show of the community."""

from typing import Final

from community.boards.errors import BoardNotFound
from community.boards.periods import Period, board_in, periods_of, season_called
from community.profiles.service import shown_names
from community.public.views import PublicBoard, PublicLine
from community.publishable.service import working_key
from gamification.boards.places import places
from gamification.boards.scores import closed_periods
from gamification.boards.sets import BoardSet
from gamification.boards.sites import leaders_on_sites
from gamification.catalogue.definitions import BoardDefinition
from gamification.catalogue.scopes import scope_of
from gamification.catalogue.service import current
from ground.languages import Language

MOST: Final = 50


async def board(
    slug: str, key: str, *, period: Period, limit: int, language: Language
) -> tuple[PublicBoard, frozenset[str]]:
    """A board, and the origins whose pages are welcome to read it.

    What a key doesn't open isn't there: nobody finds out by it which boards there are.
    """
    opened = await working_key(key)
    if slug not in opened.boards:
        raise BoardNotFound
    catalogue = await current()
    found = board_in(catalogue, slug)
    read = periods_of(catalogue, found, period)[0]
    view = PublicBoard(
        board=slug,
        name=found.name.in_locale(language),
        description=found.description.in_locale(language),
        language=language,
        period=read,
        season=season_called(catalogue, read),
        is_closed=read in await closed_periods([read]),
        items=await _lines(found, read, limit),
    )
    return view, opened.origins


async def _lines(found: BoardDefinition, period: str, limit: int) -> list[PublicLine]:
    board_set = BoardSet(scope_of(found.kinds), period, found.population, found.segment)
    leaders = await leaders_on_sites(board_set, limit)
    names = await shown_names([member_id for member_id, _ in leaders], on_public_sites=True)
    # Who withdrew between the two questions is gone, and so is their place.
    there = [(names[member_id].name, points) for member_id, points in leaders if member_id in names]
    first_ones = [points for _, points in there if points == there[0][1]]
    numbers = places([points for _, points in there], 0, len(first_ones))
    return [
        PublicLine(place=place, name=name, points=points)
        for place, (name, points) in zip(numbers, there, strict=True)
    ]
