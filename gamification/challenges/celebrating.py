"""A season that is over is celebrated with everybody who took part in its challenges."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from gamification.catalogue.definitions import Words
from gamification.catalogue.service import current
from gamification.challenges.events import SeasonCelebrated
from ground.engine import fetch
from ground.jobs import defer_many
from ground.unit_of_work import unit_of_work
from notifications.announce import announce
from notifications.notify import notify_many, telling

CELEBRATE: Final = "challenges.celebrate"
AT_ONCE: Final = 500

# Who gave something, whether they left since or not; nobody who left the programme.
_TOOK_PART: Final = """
SELECT p.member_id, count(DISTINCT c.id)::int AS challenges,
    count(DISTINCT c.id) FILTER (WHERE m.id IS NOT NULL)::int AS reached
FROM challenge c
JOIN challenge_participation p ON p.challenge = c.id AND p.given > 0
JOIN player ON player.member_id = p.member_id AND player.state = 'active'
LEFT JOIN challenge_milestone m ON m.challenge = c.id AND m.team = p.team
    AND m.percent = 100 AND NOT m.stretch
WHERE c.season = $1 AND c.published_at IS NOT NULL AND p.member_id > $2
GROUP BY p.member_id ORDER BY p.member_id LIMIT $3
"""


class TookPart(NamedTuple):
    """A member, in how many challenges of a season they helped, and how many were reached."""

    member_id: UUID
    challenges: int
    reached: int


async def celebrate(season: str) -> AsyncIterator[list[TookPart]]:
    """Everybody who helped in a challenge of a season, in pages."""
    last = UUID(int=0)
    while rows := await fetch(_TOOK_PART, season, last, AT_ONCE):
        yield [TookPart(*row) for row in rows]
        last = rows[-1]["member_id"]


async def celebrate_with_all(season: str) -> int:
    """Tell everybody who took part what was reached together. Return how many they are.

    After a crash it begins anew: told twice, it is the same news, and in inboxes once.
    """
    told = 0
    kept = (await current()).seasons.get(season)
    async for page in celebrate(season):
        async with unit_of_work():
            for each in page:
                event = SeasonCelebrated(
                    season=season, challenges=each.challenges, reached=each.reached
                )
                announce(f"member:{each.member_id}", event)
            if kept is not None:
                await _notify(page, season, kept.definition.name)
        told += len(page)
    return told


async def _notify(page: Sequence[TookPart], season: str, name: Words) -> None:
    once = f"season:{season}"
    await notify_many(
        [
            telling(each.member_id, "season.celebrated", once=once, season=season, name=name)
            for each in page
        ]
    )


async def seasons_closed(seasons: list[str]) -> None:
    """Leave the celebrations to the worker, in the transaction that closes these seasons."""
    if seasons:
        await defer_many(CELEBRATE, [{"season": season} for season in seasons])
