"""The door for what happens now: say an event on a channel.

Channels are named after whom they are for: `member:{uuid}` (a client calls its own one `me`),
`board:{slug}`, `challenge:{id}`, `space:{id}`, `event:{id}`, and `staff`.
"""

from collections.abc import Collection
from typing import Final

import msgspec

from ground import clock, valkey
from ground.engine import execute, fetch
from ground.unit_of_work import after_commit, before_commit
from notifications.announcements.events import Event
from notifications.announcements.wire import BELL

MEMBER: Final = "member:"

# Rows of channels are locked in the order of their names, so that nobody waits in a circle.
WRITE: Final = """
WITH said AS (
    SELECT c, t, d, row_number() OVER w AS nth, count(*) OVER (PARTITION BY c) AS n
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS u (c, t, d, o)
    WINDOW w AS (PARTITION BY c ORDER BY o)
), moved AS (
    INSERT INTO announcement_channel AS a (channel, position, epoch)
    SELECT c, count(*), left(md5(gen_random_uuid()::text), 12) FROM said GROUP BY c ORDER BY c
    ON CONFLICT (channel) DO UPDATE SET position = a.position + excluded.position
    RETURNING channel, position
)
INSERT INTO announcement (channel, position, type, data, said_at)
SELECT m.channel, m.position - s.n + s.nth, s.t, s.d, $4
FROM moved m JOIN said s ON s.c = m.channel
ORDER BY m.channel, s.nth
"""

# A function, so that who listens is read after its lock is had (`history.opened` has the other).
LISTENERS: Final = "SELECT channel FROM announcement_listeners($1)"

Said = tuple[str, Event]


def announce(channel: str, event: Event) -> None:
    """Say an event on a channel when the current unit of work commits, or not at all.

    On a member's own channel it is said if they ever subscribed: who never did has no snapshot
    to be kept right.
    """
    before_commit(_write, last=True).append((channel, event))


async def listeners(channels: Collection[str]) -> set[str]:
    """Which of these members' channels have somebody to hear them, until this transaction ends."""
    if not channels:
        return set()
    return {row["channel"] for row in await fetch(LISTENERS, list(channels))}


async def _write(said: list[Said]) -> None:
    """Write all positions in one statement: the last thing before COMMIT."""
    heard = await listeners({channel for channel, _ in said if channel.startswith(MEMBER)})
    there = [each for each in said if not each[0].startswith(MEMBER) or each[0] in heard]
    if not there:
        return
    await execute(
        WRITE,
        [channel for channel, _ in there],
        [event.type for _, event in there],
        [msgspec.json.encode(event).decode() for _, event in there],
        clock.now(),
    )
    after_commit(_ring)


async def _ring() -> None:
    """Wake the relay. Without a bell it looks by the clock."""
    try:
        await valkey.ask(lambda client: client.publish(BELL, b""))
    except (valkey.ValkeyAway, valkey.ValkeyNotOpen):
        return
