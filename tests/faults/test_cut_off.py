"""Valkey out of reach for a minute: it refuses everybody, and comes back with what it had."""

import asyncio
import logging
import os
import time
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from ground.engine import fetchval
from server.embedded.running import free_port, is_free
from tests.faults.followers import BOARD, announcing, everybody_has_everything, following, until
from tests.faults.truth import seconds_until_boards_are_right
from tests.faults.writers import acknowledged, writing

pytestmark = pytest.mark.long
log = logging.getLogger(__name__)

CUT_OFF_SECONDS = float(os.environ.get("AMBASSADE_CUT_OFF_SECONDS", "60"))
# While Valkey is away the live process asks PostgreSQL every second.
SECONDS_WITHOUT = 5
POSITION = "SELECT position FROM announcement_channel WHERE channel = $1"


@asynccontextmanager
async def out_of_reach(valkey):
    """Let Valkey listen elsewhere, and hang up on all who are there."""
    elsewhere = free_port()
    there = Redis.from_url(valkey.server.url(elsewhere))
    async with Redis.from_url(valkey.url) as here:
        await here.config_set("port", elsewhere)
    for kind in ("normal", "pubsub"):
        await there.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
    assert is_free(valkey.port)
    assert not is_free(elsewhere)
    try:
        yield
    finally:
        await there.config_set("port", valkey.port)
        await there.aclose()


async def test_a_minute_without_valkey(lively, programme):
    """I19, I20, I21: sockets hear on, writes go on, and nobody has a silent gap.

    Boards are right within 5 s of its return.
    """
    async with following(lively, people=5, named="cut-off") as followers:
        sockets = [follower.connection for follower in followers]
        async with announcing(a_second=20):
            with writing(lively.url, programme.key, programme.people, at_once=1) as writers:
                await asyncio.sleep(1)
                async with out_of_reach(lively.valkey):
                    told = acknowledged(writers)
                    await asyncio.sleep(CUT_OFF_SECONDS)
                    meanwhile = acknowledged(writers) - told
                    position = await fetchval(POSITION, BOARD)
                    await until(
                        lambda: all(f.at[BOARD] >= position for f in followers), SECONDS_WITHOUT
                    )
                back = time.monotonic()
            await seconds_until_boards_are_right()
            seconds = time.monotonic() - back
        position = await everybody_has_everything(followers)
        caught_up = time.monotonic() - back
        same = sum(f.connection is was for f, was in zip(followers, sockets, strict=True))
    log.warning(
        "%d events, %d written meanwhile, %d of %d sockets stayed, caught up after %.1f s,"
        " boards after %.1f s",
        position,
        meanwhile,
        same,
        len(followers),
        caught_up,
        seconds,
    )
    assert meanwhile > CUT_OFF_SECONDS / 2
    assert same == len(followers)
    assert seconds < 5
