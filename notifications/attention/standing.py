"""What is known of members at the moment of sending."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from ground.engine import fetch, fetchrow
from ground.programme import zone_named
from notifications.attention.budget import Ceiling
from notifications.attention.plan import Attention, Wishes

Kinds = Collection[tuple[UUID, str]]


async def ceiling() -> Ceiling:
    """The programme's ceiling."""
    row = await fetchrow("SELECT asks, days FROM attention_ceiling")
    return Ceiling() if row is None else Ceiling(row["asks"], row["days"])


async def wishes_of(member_ids: Collection[UUID]) -> dict[UUID, Wishes]:
    """The wishes of those who are there. Who left or has not come yet has none."""
    rows = await fetch(
        """
        SELECT member_id, time_zone, quiet_from, quiet_until, quiet_days, paused_until, asks,
            choices, lock_screen
        FROM preferences WHERE member_id = ANY($1::uuid[]) AND NOT expected
        """,
        list(member_ids),
    )
    return {row["member_id"]: wishes_in(row) for row in rows}


def wishes_in(row: asyncpg.Record) -> Wishes:
    """The wishes in a row of preferences."""
    return Wishes(
        zone=zone_named(row["time_zone"]),
        quiet=(row["quiet_from"], row["quiet_until"]),
        quiet_days=frozenset(row["quiet_days"]),
        paused_until=row["paused_until"],
        asks=row["asks"],
        choices=msgspec.json.decode(row["choices"], type=dict[str, dict[str, bool]]),
        lock_screen=row["lock_screen"],
    )


class Asked:
    """What members were asked already. Whoever has it holds their attention meanwhile."""

    def __init__(self, limit: Ceiling) -> None:
        self.ceiling = limit
        self.rests: dict[UUID, datetime | None] = {}
        self.spent: dict[UUID, list[datetime]] = defaultdict(list)
        self.paid: set[int] = set()
        self.noes: dict[tuple[UUID, str], tuple[int, datetime]] = {}

    def of(self, member_id: UUID, kind: str, notification_id: int) -> Attention:
        noes, last_no_at = self.noes.get((member_id, kind), (0, None))
        return Attention(
            ceiling=self.ceiling,
            spent=tuple(self.spent[member_id]),
            counted=notification_id in self.paid,
            noes=noes,
            last_no_at=last_no_at,
            rest_until=self.rests.get(member_id),
        )

    def spend(self, member_id: UUID, notification_id: int, now: datetime) -> None:
        """Count an asking, for what is decided after it."""
        self.spent[member_id].append(now)
        self.paid.add(notification_id)


async def asked(member_ids: Collection[UUID], now: datetime) -> Asked:
    """Hold the attention of these members until the transaction ends; say what was asked."""
    found = Asked(await ceiling())
    if not member_ids:
        return found
    # Locked before anything about them is read: the next one to ask sees what this one spends.
    rows = await fetch(
        """
        INSERT INTO attention AS a (member_id)
        SELECT DISTINCT m FROM unnest($1::uuid[]) m ORDER BY m
        ON CONFLICT (member_id) DO UPDATE SET rest_until = a.rest_until
        RETURNING member_id, rest_until
        """,
        list(member_ids),
    )
    found.rests = {row["member_id"]: row["rest_until"] for row in rows}
    for row in await fetch(
        """
        SELECT member_id, notification_id, at FROM attention_spend
        WHERE member_id = ANY($1::uuid[]) AND at > $2
        """,
        list(member_ids),
        now - found.ceiling.window,
    ):
        found.spent[row["member_id"]].append(row["at"])
        found.paid.add(row["notification_id"])
    for row in await fetch(
        """
        SELECT member_id, kind, noes, last_no_at FROM attention_refusal
        WHERE member_id = ANY($1::uuid[])
        """,
        list(member_ids),
    ):
        found.noes[row["member_id"], row["kind"]] = (row["noes"], row["last_no_at"])
    return found
