"""What was said on a channel, for those who come back and for those who come first."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final, NamedTuple

import msgspec

from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from notifications.announce import MEMBER
from notifications.announcements.wire import Said

# A phone that was in a pocket for a day comes back to events; later, to a reload.
KEPT_FOR: Final = timedelta(hours=24)
# Lines of boards hold names, which are to be gone soon after somebody left.
NAMES_KEPT_FOR: Final = timedelta(minutes=30)
NAMES_ARE_ON: Final = "board:"
# Of one channel: beyond that, reading again is cheaper than catching up.
KEPT_OF_A_CHANNEL: Final = 1_000
AT_ONCE: Final = 5_000

READ: Final = """
SELECT c.position AS now, c.epoch, a.position, a.type, a.data
FROM announcement_channel c
LEFT JOIN announcement a ON a.channel = c.channel AND a.position > $2
WHERE c.channel = $1 ORDER BY a.position LIMIT $3
"""

# Whoever announces holds the same lock, shared, from looking who listens until COMMIT: so when a
# channel is there, nobody is left who saw none and commits later.
NOBODY_LOOKS: Final = "SELECT pg_advisory_xact_lock(hashtext('announcement_listeners'))"

OPEN: Final = """
INSERT INTO announcement_channel (channel, position, epoch)
VALUES ($1, 0, left(md5(gen_random_uuid()::text), 12)) ON CONFLICT (channel) DO NOTHING
"""

OPENED: Final = "SELECT channel FROM announcement_channel WHERE channel = ANY($1::text[])"

OLDEST: Final = "SELECT min(said_at) FROM announcement WHERE relayed_at IS NULL"

FORGET_OLD: Final = """
DELETE FROM announcement WHERE id IN (
    SELECT id FROM announcement
    WHERE relayed_at IS NOT NULL
        AND (said_at < $1 OR (said_at < $2 AND starts_with(channel, $3)))
    ORDER BY id LIMIT $4
)
"""

FORGET_MANY: Final = """
DELETE FROM announcement a USING announcement_channel c
WHERE c.position > $1 AND a.channel = c.channel AND a.position <= c.position - $1
    AND a.relayed_at IS NOT NULL
"""


class History(NamedTuple):
    """Where a channel is, and what was said since; nothing is known any more if it is None."""

    position: int
    epoch: str
    said: list[Said] | None


async def read(channel: str, after: int | None, limit: int, epoch: str | None = None) -> History:
    """Where a channel is and what was said after a position: all of it, or `None` for a reload.

    From this moment on somebody listens: whatever commits later is written. So who reads a
    snapshot now, and applies what comes after this position, misses nothing.
    """
    found = await _read(channel, after, limit)
    if found is None:
        await _open(channel)
        found = await _read(channel, after, limit)
    if found is None:
        raise LookupError("a channel that was opened is there")
    if epoch is not None and epoch != found.epoch:
        return found._replace(said=None)
    return found


async def opened(channels: Collection[str]) -> set[str]:
    """Which of these channels somebody ever listened to, or something was said on."""
    rows = await fetch(OPENED, list(channels))
    return {row["channel"] for row in rows}


async def _read(channel: str, after: int | None, limit: int) -> History | None:
    since = 2**62 if after is None else after
    rows = await fetch(READ, channel, since, limit + 1)
    if not rows:
        return None
    now, its_epoch = rows[0]["now"], rows[0]["epoch"]
    if after is None:
        return History(now, its_epoch, [])
    said = [
        Said(
            channel=channel,
            epoch=its_epoch,
            position=row["position"],
            type=row["type"],
            data=msgspec.Raw(row["data"].encode()),
        )
        for row in rows
        if row["position"] is not None
    ]
    # Gone, more than asked for, or from another history.
    complete = 0 <= after <= now and len(said) == now - after
    return History(now, its_epoch, said if complete and len(said) <= limit else None)


async def _open(channel: str) -> None:
    async with unit_of_work():
        if channel.startswith(MEMBER):
            await execute(NOBODY_LOOKS)
        await execute(OPEN, channel)


async def waiting_seconds() -> float:
    """For how long the oldest has waited that was announced and not published."""
    oldest = await fetchval(OLDEST)
    return 0.0 if oldest is None else max(0.0, (clock.now() - oldest).total_seconds())


async def forget() -> None:
    """Drop what is too old, or too much of one channel. What wasn't relayed stays."""
    now = clock.now()
    old = (now - KEPT_FOR, now - NAMES_KEPT_FOR, NAMES_ARE_ON, AT_ONCE)
    while await execute(FORGET_OLD, *old) != "DELETE 0":
        pass
    await execute(FORGET_MANY, KEPT_OF_A_CHANNEL)
