"""Members page by page, so that no page has too much to read: for what is about all of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from ground.engine import fetch, fetchval

MOST_MEMBERS: Final = 500
MOST_ENTRIES: Final = 10_000

_WITH_ENTRIES: Final = """
SELECT s.member_id, p.joined_at, s.entries FROM standing s JOIN player p USING (member_id)
WHERE s.member_id > $1 ORDER BY s.member_id LIMIT $2
"""
_HOW_MANY_WITH_ENTRIES: Final = "SELECT count(*) FROM standing"
# Who never did anything may hold what time alone gives, unless they never came.
_CONCERNED: Final = """
FROM player p LEFT JOIN standing s USING (member_id)
WHERE (s.member_id IS NOT NULL OR p.state IN ('active', 'left'))
"""
_EVERYBODY: Final = f"""
SELECT p.member_id, p.joined_at, coalesce(s.entries, 0) AS entries {_CONCERNED}
    AND p.member_id > $1 ORDER BY p.member_id LIMIT $2
"""
_HOW_MANY: Final = f"SELECT count(*) {_CONCERNED}"


async def with_entries(after: UUID) -> dict[UUID, datetime]:
    """The next members who did something, and when they joined."""
    return _cut(await fetch(_WITH_ENTRIES, after, MOST_MEMBERS))


async def everybody(after: UUID) -> dict[UUID, datetime]:
    """The next members for whom something can be decided, and when they joined."""
    return _cut(await fetch(_EVERYBODY, after, MOST_MEMBERS))


async def how_many_with_entries() -> int:
    """How many `with_entries` leads through."""
    return int(await fetchval(_HOW_MANY_WITH_ENTRIES))


async def how_many() -> int:
    """How many `everybody` leads through."""
    return int(await fetchval(_HOW_MANY))


def _cut(rows: Iterable[asyncpg.Record]) -> dict[UUID, datetime]:
    """As many members as have few enough entries together; at least one."""
    page: dict[UUID, datetime] = {}
    entries = 0
    for row in rows:
        entries += row["entries"]
        if page and entries > MOST_ENTRIES:
            break
        page[row["member_id"]] = row["joined_at"]
    return page
