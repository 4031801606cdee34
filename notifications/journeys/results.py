"""How many members went which way in a journey."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import msgspec

from ground.engine import fetch
from notifications.journeys import service
from notifications.journeys.advance import Ending
from notifications.journeys.keeping import Kept

RUNS: Final = """
SELECT CASE WHEN ended_at IS NULL THEN '' ELSE ended_as END AS ended_as,
    CASE WHEN ended_at IS NULL AND version = $2 THEN place END AS place, count(*) AS number
FROM journey_run WHERE slug = $1 GROUP BY 1, 2
"""
SAID: Final = """
SELECT s.place, count(*) AS number FROM journey_run r JOIN journey_step s ON s.run_id = r.id
WHERE r.slug = $1 AND r.version = $2 GROUP BY s.place
"""


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """Who is inside and who isn't any more; by place, those of the plan as it is now."""

    journey: Kept
    inside: int
    ended: Mapping[Ending, int]
    waiting: Mapping[int, int]
    said: Mapping[int, int]


async def results(slug: str) -> Results:
    """Count them."""
    journey = await service.read(slug)
    ended: Counter[Ending] = Counter()
    waiting: dict[int, int] = {}
    inside = 0
    for row in await fetch(RUNS, slug, journey.version):
        if row["ended_as"]:
            ended[Ending(row["ended_as"])] += row["number"]
            continue
        inside += row["number"]
        if row["place"] is not None:
            waiting[row["place"]] = row["number"]
    said = {row["place"]: row["number"] for row in await fetch(SAID, slug, journey.version)}
    return Results(journey=journey, inside=inside, ended=ended, waiting=waiting, said=said)
