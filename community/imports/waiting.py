"""Rows that wait for a post: the parts of a dump may come in any order."""

from collections.abc import Sequence
from typing import Final

import msgspec

from community.imports.rows import Row
from ground.engine import execute, fetch

# Nothing that somebody wrote is kept, whatever else a row holds.
KEPT: Final = ("Id", "PostId", "CreationDate", "VoteTypeId", "PostHistoryTypeId", "UserId")


async def keep(source: str, rows: Sequence[Row]) -> None:
    """Set rows aside. One that waits already stays where it is."""
    if not rows:
        return
    attributes = [{name: row.values[name] for name in KEPT if name in row.values} for row in rows]
    await execute(
        """
        INSERT INTO import_waiting (source, file, row_id, attributes)
        SELECT $1, * FROM unnest($2::varchar[], $3::varchar[], $4::jsonb[])
        ON CONFLICT (source, file, row_id) DO NOTHING
        """,
        source,
        [row.file for row in rows],
        [row.id for row in rows],
        [msgspec.json.encode(each).decode() for each in attributes],
    )


async def after(source: str, last: int, limit: int) -> dict[int, Row]:
    """The next rows that wait, by the number they took."""
    found = await fetch(
        """
        SELECT id, file, attributes FROM import_waiting WHERE source = $1 AND id > $2
        ORDER BY id LIMIT $3
        """,
        source,
        last,
        limit,
    )
    return {
        row["id"]: Row(row["file"], 0, msgspec.json.decode(row["attributes"], type=dict[str, str]))
        for row in found
    }


async def forget(source: str, rows: Sequence[Row]) -> None:
    """Let rows go whose post has come."""
    await execute(
        """
        DELETE FROM import_waiting USING unnest($2::varchar[], $3::varchar[]) AS come (file, id)
        WHERE source = $1 AND import_waiting.file = come.file AND row_id = come.id
        """,
        source,
        [row.file for row in rows],
        [row.id for row in rows],
    )
