"""The door for what happens now: say an event on a channel.

Channels are named after whom they are for: `member:{uuid}` (a client calls its own one `me`),
`board:{slug}`, `challenge:{id}`, `space:{id}`, `event:{id}`, and `staff`.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final, TypeAlias

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

# The same in two, with something worked out in between, while nobody else can say anything there.
MOVE: Final = """
INSERT INTO announcement_channel AS a (channel, position, epoch)
SELECT c, n, left(md5(gen_random_uuid()::text), 12)
FROM unnest($1::text[], $2::bigint[]) AS m (c, n) ORDER BY c
ON CONFLICT (channel) DO UPDATE SET position = a.position + excluded.position
RETURNING channel, position
"""
ADD: Final = """
INSERT INTO announcement (channel, position, type, data, said_at)
SELECT c, p, t, d, $5
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) AS s (c, p, t, d) ORDER BY c, p
"""

# A function, so that who listens is read after its lock is had (`history.opened` has the other).
LISTENERS: Final = "SELECT channel FROM announcement_listeners($1)"

# Works out what to say on channels, each of which nobody else can say anything on meanwhile.
Counting: TypeAlias = Callable[[Collection[str]], Awaitable[Mapping[str, Event]]]
Said: TypeAlias = tuple[str, Event | Counting]


def announce(channel: str, event: Event) -> None:
    """Say an event on a channel when the current unit of work commits, or not at all.

    On a member's own channel it is said if they ever subscribed: who never did has no snapshot
    to be kept right.
    """
    before_commit(_write, last=True).append((channel, event))


def announce_counted(channel: str, counting: Counting) -> None:
    """Say what is only known once all who spoke on the channel before have committed.

    What several transactions change together, such as how many messages are unread, each would
    count without the others, and the last one said would be wrong. Of several times in one
    transaction it is said once, at the last of them.
    """
    before_commit(_write, last=True).append((channel, counting))


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
    known = [(channel, event) for channel, event in there if isinstance(event, Event)]
    if len(known) < len(there):
        await _write_counted(there)
    else:
        await execute(
            WRITE,
            [channel for channel, _ in known],
            [event.type for _, event in known],
            [msgspec.json.encode(event).decode() for _, event in known],
            clock.now(),
        )
    after_commit(_ring)


async def _write_counted(said: Sequence[Said]) -> None:
    """Lock the channels, count, and write."""
    said = _counted_once(said)
    numbers = Counter(channel for channel, _ in said)
    rows = await fetch(MOVE, list(numbers), list(numbers.values()))
    at = {row["channel"]: row["position"] - numbers[row["channel"]] for row in rows}
    channels_of: dict[Counting, list[str]] = {}
    for channel, event in said:
        if not isinstance(event, Event):
            channels_of.setdefault(event, []).append(channel)
    counted = {counting: await counting(channels) for counting, channels in channels_of.items()}
    written: list[tuple[str, int, Event]] = []
    for channel, event in said:
        at[channel] += 1
        known = event if isinstance(event, Event) else counted[event][channel]
        written.append((channel, at[channel], known))
    await execute(
        ADD,
        [channel for channel, _, _ in written],
        [position for _, position, _ in written],
        [event.type for _, _, event in written],
        [msgspec.json.encode(event).decode() for _, _, event in written],
        clock.now(),
    )


def _counted_once(said: Sequence[Said]) -> list[Said]:
    """Without what would be counted again: the last one says it."""
    kept: list[Said] = []
    seen: set[tuple[str, Counting]] = set()
    for channel, event in reversed(said):
        if not isinstance(event, Event):
            if (channel, event) in seen:
                continue
            seen.add((channel, event))
        kept.append((channel, event))
    return kept[::-1]


async def _ring() -> None:
    """Wake the relay. Without a bell it looks by the clock."""
    try:
        await valkey.ask(lambda client: client.publish(BELL, b""))
    except (valkey.ValkeyAway, valkey.ValkeyNotOpen):
        return
