"""What a batch of activities finds when it comes in: locks, players, and what is known already.

Locks are taken in one order everywhere: the catalogue (shared), families of subjects, then
members by id. Whoever holds a member's row is the only one that credits this member.
"""

import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from gamification.ledger.activity import Activity
from ground.arrays import columns
from ground.engine import execute, fetch

CATALOGUE_LOCK = 7_203_001
FAMILY_LOCKS = 7_204_000
STRIPES = 64


class Known(NamedTuple):
    """A player, as crediting has to know them."""

    member_id: UUID
    state: str
    joined_at: datetime
    time_zone: str


class Revisions(NamedTuple):
    """The numbers of the last changes: of the catalogue, and of the challenges that are open."""

    catalogue: int
    challenges: int


async def revisions() -> Revisions:
    """Hold the catalogue and the challenges as they are until the transaction ends."""
    await execute("SELECT pg_advisory_xact_lock_shared($1)", CATALOGUE_LOCK)
    [row] = await fetch(
        """
        SELECT (SELECT coalesce(max(id), 0) FROM publication),
            (SELECT coalesce(max(id), 0) FROM challenge_revision)
        """
    )
    return Revisions(*row)


async def catalogue_revision() -> int:
    """The same. Return the catalogue's revision."""
    return (await revisions()).catalogue


async def hold_everything() -> None:
    """Wait for all crediting to end and keep it out until the transaction ends."""
    await execute("SELECT pg_advisory_xact_lock($1)", CATALOGUE_LOCK)


async def hold_families(parents: Iterable[str]) -> None:
    """Let nobody else open a subject below these parents meanwhile."""
    stripes = sorted({FAMILY_LOCKS + zlib.crc32(parent.encode()) % STRIPES for parent in parents})
    if stripes:
        await execute("SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) k", stripes)


async def hold_players(member_ids: Iterable[UUID]) -> dict[UUID, Known]:
    """Lock members' rows in order. Return who is there."""
    rows = await fetch(
        """
        SELECT p.member_id, p.state, p.joined_at, coalesce(pr.time_zone, 'UTC') AS time_zone
        FROM player p LEFT JOIN preferences pr ON pr.member_id = p.member_id
        WHERE p.member_id = ANY($1::uuid[])
        ORDER BY p.member_id FOR NO KEY UPDATE OF p
        """,
        sorted(member_ids),
    )
    return {row["member_id"]: Known(*row) for row in rows}


async def ids_for(activities: Sequence[Activity]) -> list[tuple[int | None, int]]:
    """For each activity: the entry that it already is, if any, and an id for a new one."""
    # Written so that only the index on source and key fits: on a young table, whose statistics
    # know nothing yet, the planner may else read all entries of a busy member for each.
    rows = await fetch(
        """
        SELECT (
            SELECT e.id FROM ledger_entry e WHERE e.source = t.source AND e.key = t.key
                AND (e.member_id, e.kind) IS NOT DISTINCT FROM (t.member_id, t.kind)
        ) AS known, nextval('ledger_entry_id_seq') AS fresh
        FROM unnest($1::text::text[], $2::text::text[], $3::text::uuid[], $4::text::text[])
            WITH ORDINALITY AS t (source, key, member_id, kind, place)
        ORDER BY t.place
        """,
        *columns((each.source, each.key, each.member_id, each.kind) for each in activities),
    )
    return [(row["known"], row["fresh"]) for row in rows]
