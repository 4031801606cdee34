"""Campaigns as they are kept."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from ground.engine import execute, fetch, fetchrow
from notifications.campaigns.definition import Campaign
from notifications.campaigns.errors import CampaignNotFound
from notifications.campaigns.tables import State

COLUMNS: Final = """id, definition, revision, state, created_by, created_at, wanted_by, wanted_at,
    approved_by, scheduled_at, starts_at, began_at, next_at, ended_at, size, seen, told, after"""

ONE: Final = f"SELECT {COLUMNS} FROM campaign WHERE id = $1"  # noqa: S608 - constant columns
SEVERAL: Final = f"""
SELECT {COLUMNS} FROM campaign
WHERE $1::timestamptz IS NULL OR (created_at, id) < ($1, $2::uuid)
ORDER BY created_at DESC, id DESC LIMIT $3
"""  # noqa: S608
INSERT: Final = f"""
INSERT INTO campaign (id, definition, created_by, created_at) VALUES ($1, $2::jsonb, $3, $4)
RETURNING {COLUMNS}
"""  # noqa: S608
REWRITE: Final = f"""
UPDATE campaign SET definition = $2::jsonb, revision = revision + 1 WHERE id = $1
RETURNING {COLUMNS}
"""  # noqa: S608
MOVE: Final = f"""
UPDATE campaign SET state = $2, wanted_by = $3, wanted_at = $4, approved_by = $5,
    scheduled_at = $6, starts_at = $7, began_at = $8, next_at = $9, ended_at = $10, size = $11,
    revision = revision + 1
WHERE id = $1 RETURNING {COLUMNS}
"""  # noqa: S608
# Whoever is at it has it: nobody waits for them.
TAKE: Final = f"{ONE} FOR UPDATE SKIP LOCKED"
DUE: Final = """
SELECT id FROM campaign
WHERE (state = 'scheduled' AND starts_at <= $1) OR (state = 'sending' AND next_at <= $1)
ORDER BY starts_at, id LIMIT 100
"""

_definition_from = msgspec.json.Decoder(Campaign)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign, and how far it has come."""

    id: UUID
    definition: Campaign
    revision: int
    state: State
    created_by: UUID | None
    created_at: datetime
    wanted_by: UUID | None
    wanted_at: datetime | None
    approved_by: UUID | None
    scheduled_at: datetime | None
    starts_at: datetime | None
    began_at: datetime | None
    next_at: datetime | None
    ended_at: datetime | None
    size: int
    seen: int
    told: int
    after: UUID | None

    @property
    def etag(self) -> str:
        """Another one after each change, but not with each member who is written to."""
        return f'"{self.revision}"'

    @property
    def subject(self) -> str:
        return f"campaign:{self.id}"

    @property
    def once(self) -> str:
        """What makes it one for each member."""
        return f"campaign:{self.id}"

    @classmethod
    def of(cls, row: asyncpg.Record) -> "Kept":
        fields = dict(row)
        definition = _definition_from.decode(fields.pop("definition"))
        return cls(definition=definition, **(fields | {"state": State(fields["state"])}))


async def one(campaign_id: UUID) -> Kept:
    """A campaign, whatever became of it."""
    return _there(await fetchrow(ONE, campaign_id))


async def locked(campaign_id: UUID) -> Kept:
    """A campaign, held until the transaction ends."""
    return _there(await fetchrow(f"{ONE} FOR UPDATE", campaign_id))


async def taken(campaign_id: UUID) -> Kept | None:
    """A campaign, held; nothing if somebody else is at it."""
    row = await fetchrow(TAKE, campaign_id)
    return None if row is None else Kept.of(row)


async def several(before: tuple[datetime, UUID] | None, limit: int) -> list[Kept]:
    """Campaigns, the newest first."""
    moment, campaign_id = before or (None, None)
    return [Kept.of(row) for row in await fetch(SEVERAL, moment, campaign_id, limit)]


async def due(now: datetime) -> list[UUID]:
    """The campaigns that have something to send."""
    return [row["id"] for row in await fetch(DUE, now)]


async def insert(campaign_id: UUID, definition: Campaign, by: UUID | None, now: datetime) -> Kept:
    """Keep a draft."""
    return _there(await fetchrow(INSERT, campaign_id, _encoded(definition), by, now))


async def rewrite(campaign_id: UUID, definition: Campaign) -> Kept:
    """Keep it as it is written now."""
    return _there(await fetchrow(REWRITE, campaign_id, _encoded(definition)))


async def remove(campaign_id: UUID) -> None:
    """Keep it no more."""
    await execute("DELETE FROM campaign WHERE id = $1", campaign_id)


async def moved(kept: Kept, **changes: Any) -> Kept:
    """Let it come further, or back."""
    to = msgspec.structs.replace(kept, **changes)
    row = await fetchrow(
        MOVE,
        to.id,
        to.state.value,
        to.wanted_by,
        to.wanted_at,
        to.approved_by,
        to.scheduled_at,
        to.starts_at,
        to.began_at,
        to.next_at,
        to.ended_at,
        to.size,
    )
    return _there(row)


def _encoded(definition: Campaign) -> str:
    return msgspec.json.encode(definition).decode()


def _there(row: asyncpg.Record | None) -> Kept:
    if row is None:
        raise CampaignNotFound
    return Kept.of(row)
