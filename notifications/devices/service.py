"""Know on which devices a member can be reached."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from ground import clock
from ground.engine import execute, fetch, fetchrow, fetchval
from ground.unit_of_work import retried, unit_of_work
from notifications.devices.errors import NobodyToReach
from notifications.devices.tables import Platform
from notifications.journeys.happened import happened
from notifications.journeys.plan import SEEN

MOST: Final = 10
# Google takes a token that was silent for as long as expired.
UNUSED: Final = timedelta(days=270)
FORGOTTEN_AT_ONCE: Final = 1_000

# Two sign-ins on one phone, or of one member on two, take turns; all in the same order.
TAKE_TURNS: Final = """
SELECT pg_advisory_xact_lock(key) FROM (
    SELECT hashtextextended(what, 0) AS key FROM unnest($1::text[]) AS what ORDER BY key
) AS keys
"""
REGISTER: Final = """
INSERT INTO device (
    id, member_id, token, platform, app_version, locale, first_seen_at, last_seen_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
ON CONFLICT (id) DO UPDATE SET
    member_id = excluded.member_id, token = excluded.token, platform = excluded.platform,
    app_version = excluded.app_version, locale = excluded.locale,
    first_seen_at = CASE WHEN device.member_id = excluded.member_id
        THEN device.first_seen_at ELSE excluded.first_seen_at END,
    last_seen_at = excluded.last_seen_at, set_aside_at = NULL
RETURNING id, platform, app_version, locale, first_seen_at, last_seen_at
"""
SURPLUS: Final = """
DELETE FROM device WHERE id IN (
    SELECT id FROM device WHERE member_id = $1 AND id IS DISTINCT FROM $2
    ORDER BY last_seen_at DESC, id OFFSET $3
)
"""


class Registering(msgspec.Struct, frozen=True, kw_only=True):
    """What an app says about the device it runs on."""

    token: str
    platform: Platform
    app_version: str = ""
    locale: str = ""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A device, as its owner sees it. Its token is told to nobody."""

    id: UUID
    platform: Platform
    app_version: str
    locale: str
    first_seen_at: datetime
    last_seen_at: datetime


async def register(member_id: UUID, device_id: UUID, about: Registering) -> Known:
    """Reach the member on this device from now on, and nobody else (I31).

    Whoever was reached on it, or by its token, isn't any more once this is committed. Of more
    than ten devices the one that was silent for longest is forgotten.
    """
    # Two phones that swap their tokens can meet all the same.
    return await retried(lambda: _register(member_id, device_id, about))


async def _register(member_id: UUID, device_id: UUID, about: Registering) -> Known:
    await fetch(TAKE_TURNS, [f"device:{device_id}", f"token:{about.token}", str(member_id)])
    # Leaving takes the preferences away, and waits for this.
    if not await fetchval(
        "SELECT true FROM preferences WHERE member_id = $1 FOR KEY SHARE", member_id
    ):
        raise NobodyToReach
    await execute("DELETE FROM device WHERE token = $1 AND id <> $2", about.token, device_id)
    row = await fetchrow(
        REGISTER,
        device_id,
        member_id,
        about.token,
        about.platform.value,
        about.app_version,
        about.locale,
        clock.now(),
    )
    await execute(SURPLUS, member_id, device_id, MOST - 1)
    happened(member_id, SEEN)
    return msgspec.convert(dict(row or {}), Known)


async def of_member(member_id: UUID) -> list[Known]:
    """The devices of a member, the last seen first."""
    rows = await fetch(
        """
        SELECT id, platform, app_version, locale, first_seen_at, last_seen_at FROM device
        WHERE member_id = $1 ORDER BY last_seen_at DESC, id
        """,
        member_id,
    )
    return [msgspec.convert(dict(row), Known) for row in rows]


async def forget(member_id: UUID, device_id: UUID) -> None:
    """Reach the member on this device no more. One that isn't theirs stays as it is."""
    await execute("DELETE FROM device WHERE id = $2 AND member_id = $1", member_id, device_id)


async def forget_all(member_id: UUID) -> None:
    """Reach the member nowhere any more."""
    await execute("DELETE FROM device WHERE member_id = $1", member_id)


async def move(gone: UUID, survivor: UUID) -> None:
    """Reach on their devices who somebody became."""
    async with unit_of_work():
        await execute("UPDATE device SET member_id = $2 WHERE member_id = $1", gone, survivor)
        await execute(SURPLUS, survivor, None, MOST)


async def forget_tokens(tokens: Collection[str]) -> None:
    """Forget what Firebase knows no more. A device that has another token by now stays."""
    if tokens:
        await execute("DELETE FROM device WHERE token = ANY($1)", list(tokens))


async def set_aside(tokens: Collection[str]) -> None:
    """Send nothing to these until the app says who they are again."""
    if tokens:
        now = clock.now()
        await execute("UPDATE device SET set_aside_at = $2 WHERE token = ANY($1)", [*tokens], now)


async def forget_unused() -> int:
    """Forget devices that were silent for 270 days, some at a time. Return how many."""
    forgotten = 0
    while True:
        ended = await execute(
            """
            DELETE FROM device WHERE id IN (
                SELECT id FROM device WHERE last_seen_at < $1 ORDER BY last_seen_at LIMIT $2
            )
            """,
            clock.now() - UNUSED,
            FORGOTTEN_AT_ONCE,
        )
        gone = int(ended.rpartition(" ")[2])
        forgotten += gone
        if gone < FORGOTTEN_AT_ONCE:
            return forgotten
