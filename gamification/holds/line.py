"""One activity of a member, whatever entries of the ledger it takes to say so."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from gamification.holds.tables import HoldState
from ground.engine import fetchrow


class Stands(StrEnum):
    """Where an activity stands."""

    COUNTS = "counts"
    HELD = "held"
    TAKEN_BACK = "taken_back"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An activity: the entry as it first came, and the one that stands for it now."""

    id: int
    owner: UUID
    # Whose it is now; another than the owner after accounts were merged.
    member_id: UUID
    stands: Stands
    current: int
    hold_id: int | None = None
    held_by: UUID | None = None
    held_at: datetime | None = None
    worth: int = 0

    @property
    def was_held(self) -> bool:
        return self.hold_id is not None


async def line_of(entry_id: int) -> Line | None:
    """The activity that an entry belongs to. An inverse entry is none."""
    row = await fetchrow(
        """
        WITH origin AS (
            SELECT coalesce(
                (SELECT origin_id FROM entry_hold WHERE release_id = $1), $1::bigint
            ) AS id
        )
        SELECT e.id, e.member_id AS owner, coalesce(h.member_id, e.member_id) AS member_id,
            h.id AS hold_id, h.state, h.held_by, h.held_at, e.worth,
            coalesce(h.release_id, h.entry_id, e.id) AS current,
            EXISTS (SELECT FROM ledger_entry r
                    WHERE r.reverses = coalesce(h.release_id, h.entry_id, e.id)) AS reversed
        FROM origin JOIN ledger_entry e ON e.id = origin.id AND e.reverses IS NULL
        LEFT JOIN LATERAL (
            SELECT * FROM entry_hold x WHERE x.origin_id = e.id ORDER BY x.id DESC LIMIT 1
        ) h ON true
        """,
        entry_id,
    )
    if row is None:
        return None
    stands = Stands.TAKEN_BACK if row["reversed"] else Stands.COUNTS
    if row["state"] == HoldState.HELD:
        stands = Stands.HELD
    return Line(
        id=row["id"],
        owner=row["owner"],
        member_id=row["member_id"],
        stands=stands,
        current=row["current"],
        hold_id=row["hold_id"],
        held_by=row["held_by"],
        held_at=row["held_at"],
        worth=row["worth"],
    )
