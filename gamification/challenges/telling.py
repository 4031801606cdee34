"""Telling who follows a challenge how far it is: a few times a second at most."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from gamification.challenges.deciding import decide
from gamification.challenges.events import ChallengeProgressed
from gamification.challenges.tables import Team
from ground.engine import fetch
from ground.unit_of_work import after_commit
from notifications.announcements.ticker import Teller, Telling

PREFIX: Final = "challenge"

_SUMS: Final = """
SELECT c.id, c.team, c.goal, coalesce(sum(p.counted), 0)::bigint AS done,
    coalesce(sum(p.helpers), 0)::bigint AS helpers
FROM challenge c LEFT JOIN challenge_progress p ON p.challenge = c.id
WHERE c.id = ANY($1::uuid[]) AND c.published_at IS NOT NULL
GROUP BY c.id ORDER BY c.id
"""


async def tell(before: Mapping[str, str]) -> Sequence[Telling]:
    """Where the sums have moved, say so; and let be decided what was reached by it.

    Of squads it tells what they did together. What one does for oneself is told to nobody.
    """
    rows = await fetch(_SUMS, [UUID(channel.partition(":")[2]) for channel in before])
    tellings = []
    for row in rows:
        channel, now = f"{PREFIX}:{row['id']}", f"{row['done']} {row['helpers']}"
        if before[channel] == now or (not before[channel] and now == "0 0"):
            continue
        after_commit(partial(_decide, row["id"]))
        if row["team"] != Team.PERSONAL.value:
            event = ChallengeProgressed(
                challenge_id=row["id"],
                done=row["done"],
                goal=row["goal"],
                helpers=row["helpers"],
            )
            tellings.append(Telling(channel, event, now))
    return tellings


async def open_channels() -> Sequence[str]:
    """The channels of all challenges that something may still count for."""
    rows = await fetch(
        "SELECT id FROM challenge WHERE published_at IS NOT NULL AND closed_at IS NULL"
    )
    return [f"{PREFIX}:{row['id']}" for row in rows]


async def _decide(challenge_id: UUID) -> None:
    await decide(challenge_id)


TELLER: Final = Teller(PREFIX, tell, open_channels)
