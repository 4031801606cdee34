"""Many clients that stall among very many that don't (I23).

No time is asserted: `make bench ARGS=stalled` measures what it costs the others.
"""

import asyncio
import logging
import resource
from collections import Counter
from contextlib import asynccontextmanager
from functools import partial

import pytest

from server.live import tickets
from server.live.reader import Reader
from tests.community.people import joined
from tests.faults.followers import (
    BOARD,
    FLOODED,
    Follower,
    announcing,
    closed_as_too_slow,
    everybody_has_everything,
    until,
)

pytestmark = pytest.mark.long
log = logging.getLogger(__name__)

HEALTHY, STALLED, SOCKETS_A_MEMBER = 1_800, 200, 5
FILES = 5_000
AT_ONCE = 100
MOST_KIB = 256
SECONDS_TO_COME = 40


class Light(Follower):
    """One of so many that the API isn't asked for their tickets."""

    def __init__(self, member, url, channels):
        super().__init__(None, None, channels)
        self.member, self.url = member, url

    async def _ticket(self):
        ticket = await tickets.issue(Reader(member=self.member))
        return {"ticket": ticket.secret, "url": self.url}


@pytest.fixture(scope="module")
def many_files():
    """As many open files as so many sockets need; the processes that are started have them too."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft, most = before
    if most != resource.RLIM_INFINITY and most < FILES:
        pytest.skip(f"this account may open {most} files, and {FILES} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FILES), most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@asynccontextmanager
async def crowd(installation, people, channels, named):
    """Clients that came a hundred at a time, and are all there."""
    url = f"ws://127.0.0.1:{installation.live_port}/live"
    followers, running = [], []
    for number in range(people):
        member = await joined(f"{named}-{number}", f"One of many {number}")
        followers += [Light(member, url, channels) for _ in range(SOCKETS_A_MEMBER)]
    try:
        for start in range(0, len(followers), AT_ONCE):
            coming = followers[start : start + AT_ONCE]
            running += [asyncio.create_task(follower.run()) for follower in coming]
            await until(partial(all_are_there, coming), SECONDS_TO_COME)
        yield followers
    finally:
        for task in running:
            task.cancel()
        outcomes = await asyncio.gather(*running, return_exceptions=True)
    assert [o for o in outcomes if not isinstance(o, asyncio.CancelledError)] == []


def all_are_there(followers):
    return all(None not in follower.at.values() for follower in followers)


@asynccontextmanager
async def most_memory(process):
    """How much memory a process held, looked at again and again."""
    seen = [process.memory_info().rss]

    async def look():
        while True:
            seen.append(process.memory_info().rss)
            await asyncio.sleep(0.05)

    looking = asyncio.create_task(look())
    try:
        yield seen
    finally:
        looking.cancel()
        await asyncio.wait({looking})


async def test_two_hundred_that_stall_take_nothing_from_the_others(many_files, lively):
    """I23: the others hear all without a gap, and who doesn't read is closed with 4408.

    What waits for them is bounded: memory never grows by more than 256 KiB for each.
    """
    process = lively.process("live")
    async with (
        crowd(lively, HEALTHY // SOCKETS_A_MEMBER, (BOARD,), "healthy") as healthy,
        crowd(lively, STALLED // SOCKETS_A_MEMBER, (BOARD, FLOODED), "stalled") as stalled,
    ):
        sockets = [follower.connection for follower in healthy]
        told = {follower: len(follower.closings) for follower in stalled}
        closed = await closed_as_too_slow(lively)
        async with most_memory(process) as seen:
            for follower in stalled:
                follower.connection.transport.pause_reading()
            async with (
                announcing(BOARD, a_second=10),
                announcing(FLOODED, a_second=20, filling="x" * 12_000),
            ):
                async with asyncio.timeout(30):
                    while await closed_as_too_slow(lively) - closed < STALLED:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
                for follower in stalled:
                    if follower.connection is not None:
                        follower.connection.transport.resume_reading()
            await everybody_has_everything(healthy)
            assert [follower.connection for follower in healthy] == sockets
        await everybody_has_everything(stalled)
        await everybody_has_everything(stalled, FLOODED)
    heard = sum(len(follower.log[BOARD]) for follower in healthy)
    grown = (max(seen) - seen[0]) / STALLED / 1024
    codes = Counter(follower.closings[told[follower]][0] for follower in stalled)
    log.warning("%d heard, %.0f KiB for each that stalled, %s", heard, grown, codes)
    assert heard > 10 * HEALTHY
    assert grown <= MOST_KIB
    # Who reads again in time hears why. Who doesn't is hung up on three seconds later.
    assert set(codes) <= {4408, 1006}
    assert codes[4408] > STALLED / 2
