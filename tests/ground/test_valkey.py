"""Asking Valkey, and being told to stop meanwhile."""

import asyncio

import pytest

from ground import valkey
from server.worker.relay import _listen_to_the_bell

# More turns of the event loop than a command has, or than it takes to begin listening.
TURNS = 60


async def ask_for_ever(_):
    while True:
        await valkey.ask(lambda client: client.ping())


@pytest.mark.parametrize("work", [ask_for_ever, _listen_to_the_bell])
async def test_who_is_told_to_stop_stops_wherever_they_are(database, work):
    """Python 3.11 loses a cancellation that comes just as `asyncio.wait_for` is done."""
    for turns in range(TURNS):
        working = asyncio.create_task(work(asyncio.Event()))
        for _ in range(turns):
            await asyncio.sleep(0)
        working.cancel()
        await asyncio.wait({working}, timeout=2)
        assert working.cancelled(), turns
