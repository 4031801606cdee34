"""What public sites may show of the community."""

from typing import Final
from uuid import UUID

import msgspec

from community.boards.errors import BoardNotFound
from community.boards.periods import Period, board_in, periods_of, season_called
from community.profiles.service import shown_names
from community.public.views import (
    PublicBoard,
    PublicChallenge,
    PublicLine,
    PublicProgress,
    Stage,
)
from community.publishable.service import working_key
from gamification.boards.places import places
from gamification.boards.scores import closed_periods
from gamification.boards.sets import BoardSet
from gamification.boards.sites import leaders_on_sites
from gamification.catalogue.definitions import BoardDefinition
from gamification.catalogue.scopes import scope_of
from gamification.catalogue.service import current
from gamification.challenges import reading
from gamification.challenges.errors import ChallengeNotFound
from gamification.challenges.reading import Seen
from ground import clock
from ground.languages import Language

MOST: Final = 50
# So many who helped are named, of those who are looked at.
THANKED: Final = 12
LOOKED_AT: Final = 100


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


async def challenge(
    challenge_id: UUID, key: str, language: Language
) -> tuple[PublicChallenge, frozenset[str]]:
    """A challenge, and the origins whose pages are welcome to read it."""
    opened = await working_key(key)
    if str(challenge_id) not in opened.challenges:
        raise ChallengeNotFound
    seen = await reading.one(challenge_id, None)
    found = seen.challenge
    view = PublicChallenge(
        challenge=found.id,
        title=found.texts.title.in_locale(language),
        description=found.texts.description.in_locale(language),
        language=language,
        state=msgspec.convert(found.stage(clock.now()).value, Stage),
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        goal=found.goal,
        progress=_progress(seen),
        thanks=await _thanks(seen),
    )
    return view, opened.origins


def _progress(seen: Seen) -> PublicProgress | None:
    if seen.reached is None:
        return None
    return PublicProgress.of(seen.reached, seen.challenge.goal, seen.challenge.milestones)


async def _thanks(seen: Seen) -> list[str]:
    if seen.reached is None:
        return []
    helpers, _ = await reading.thanks(
        seen.challenge, seen.reached.team, limit=LOOKED_AT, cursor=None
    )
    ids = [each.member_id for each in helpers]
    names = await shown_names(ids, on_public_sites=True)
    return sorted(names[each].name for each in ids if each in names)[:THANKED]


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
