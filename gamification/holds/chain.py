"""What became of entries that were held: each release credits them anew, under another id."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from ground.engine import execute, fetch

# The sources of entries that the product itself writes. No key of a system is called like this.
RELEASE: Final = "ambassade:release"
STAFF: Final = "ambassade:staff"


async def ended(entry_ids: Collection[int], now: datetime) -> set[int]:
    """These entries and all that releases made of them. What is still held of them is no more.

    For who takes entries back: an entry may be under another id by now, or be held.
    """
    rows = await fetch(
        """
        WITH RECURSIVE chain (id) AS (
            SELECT unnest($1::bigint[])
            UNION
            SELECT h.release_id FROM chain c JOIN entry_hold h ON h.entry_id = c.id
            WHERE h.release_id IS NOT NULL
        ), over AS (
            UPDATE entry_hold SET state = 'reversed', decided_at = $2
            WHERE state = 'held' AND entry_id IN (SELECT id FROM chain)
        )
        SELECT id FROM chain
        """,
        list(entry_ids),
        now,
    )
    return {row["id"] for row in rows}


async def first_told(member_id: UUID) -> dict[int, tuple[str, str]]:
    """Under which source and key a member's released entries first came."""
    rows = await fetch(
        """
        SELECT h.release_id, origin.source, origin.key
        FROM entry_hold h JOIN ledger_entry origin ON origin.id = h.origin_id
        WHERE h.member_id = $1 AND h.release_id IS NOT NULL
        """,
        member_id,
    )
    return {row["release_id"]: (row["source"], row["key"]) for row in rows}


async def move(from_id: UUID, to_id: UUID) -> None:
    """What one account has held is the other's from now on, and so is what it holds of others."""
    await execute("UPDATE entry_hold SET member_id = $2 WHERE member_id = $1", from_id, to_id)
    await execute(
        "UPDATE entry_hold SET held_by = $2 WHERE held_by = $1 AND state = 'held'", from_id, to_id
    )


async def forget_reasons(member_id: UUID) -> None:
    """Forget what was written about somebody who leaves."""
    await execute(
        """
        UPDATE entry_hold SET reason = '{}', decided_because = NULL
        WHERE member_id = $1 AND (reason <> '{}' OR decided_because IS NOT NULL)
        """,
        member_id,
    )
