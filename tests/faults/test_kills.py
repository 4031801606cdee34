"""`kill -9` of each process while clients write, and nothing that was acknowledged is lost.

What is acknowledged stays (I1), once (I2, I4, I6), sums are right (I3), and everything kept
follows from the ledger (I9).
"""

import asyncio
import re

import pytest

from tests.faults.truth import assert_nothing_was_lost, seconds_until_boards_are_right
from tests.faults.writers import NOBODY, acknowledged, writing

pytestmark = pytest.mark.long

KILLS = 3
CALLS_BETWEEN = 8
SECONDS_FOR_THEM = 60


async def goes_on(writers):
    """Wait until clients are acknowledged some more calls."""
    before = acknowledged(writers)
    async with asyncio.timeout(SECONDS_FOR_THEM):
        while acknowledged(writers) < before + CALLS_BETWEEN:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("victim", ["api", "worker", "valkey", "postgres"])
async def test_what_was_acknowledged_outlives_a_kill(catalogued, programme, victim):
    """I1, I2, I3, I4, I6, I9, I20, I51."""
    kill = getattr(catalogued, f"kill_{victim}")
    with writing(catalogued.url, programme.key, programme.people) as writers:
        for _ in range(KILLS):
            await goes_on(writers)
            await asyncio.to_thread(kill)
        await goes_on(writers)

    assert await seconds_until_boards_are_right() < 5
    await assert_nothing_was_lost(catalogued, writers, programme.key)
    heard = {status for writer in writers for status in writer.other}
    assert heard <= ({NOBODY, 503} if victim == "api" else {503})


def test_the_logs_of_all_this_tell_no_secret(catalogued, programme):
    """I27, I41."""
    said = catalogued.said()
    assert "postgresql_away" in said
    assert programme.key not in said
    assert not re.search(r"Traceback|sk_[0-9a-zA-Z]{8}|://[^/\s]*:[^/\s]*@|SELECT |INSERT ", said)
