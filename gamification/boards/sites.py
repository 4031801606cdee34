"""Who leads a board, among those who chose to appear on public sites too."""

from typing import Final
from uuid import UUID

from gamification.boards.sets import BoardSet
from gamification.boards.truth import among
from ground.engine import fetch

# Hidden there is hidden: who isn't on public sites takes no place from who is.
LEADERS: Final = """
SELECT member_id, points FROM board_standing
WHERE scope = $1 AND period = $2 AND ($3::text IS NULL OR population = $3)
  AND $4::text IS NULL
  AND EXISTS (SELECT FROM player p WHERE p.member_id = board_standing.member_id
              AND p.state = 'active' AND p.visibility <> 'hidden' AND NOT p.staff
              AND p.public_visibility)
ORDER BY points DESC, board_alias DESC LIMIT $5
"""


async def leaders_on_sites(board_set: BoardSet, limit: int) -> list[tuple[UUID, int]]:
    """Members and their points, from the first place on."""
    rows = await fetch(among(LEADERS, board_set), *board_set, limit)
    return [(row["member_id"], row["points"]) for row in rows]
