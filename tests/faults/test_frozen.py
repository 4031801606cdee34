"""Servers that stand still, are gone, or come back empty, while clients write and read.

PostgreSQL away is a 503 within 2.5 s for everybody, and all is well within 5 s of its return (I51).
Valkey can be lost in every way: nothing is, and writes go on (I20).
"""

import asyncio
import logging
import os
import time
from collections import Counter
from contextlib import asynccontextmanager

import httpx
import pytest

from ground import valkey
from server.auth.emulator import emulator_token
from server.config import DEVELOPMENT_PROJECT
from tests.community.people import joined
from tests.conftest import A_CENTURY, LONG_AGO
from tests.faults.installation import freeze, kill_all, resume
from tests.faults.truth import assert_nothing_was_lost, seconds_until_boards_are_right
from tests.faults.writers import acknowledged, writing

pytestmark = pytest.mark.long
log = logging.getLogger(__name__)

AWAY_SECONDS = float(os.environ.get("AMBASSADE_AWAY_SECONDS", "15"))
AT_ONCE = 12


@pytest.fixture
async def callers(catalogued, programme):
    """What everybody asks: a stranger, a member, a member's phone, and a system."""
    await joined("camille", "Camille Durand")
    token = emulator_token(DEVELOPMENT_PROJECT, "camille", issued_at=LONG_AGO, lasts=A_CENTURY)
    member, system = {"Authorization": f"Bearer {token}"}, {"X-API-Key": programme.key}

    def told(key):
        return {
            "activities": [
                {
                    "key": key,
                    "member": programme.people[0],
                    "kind": "comment",
                    "occurred_at": "2026-10-20T10:00:00Z",
                }
            ]
        }

    def call(client, number):
        key = {"Idempotency-Key": f"frozen-{time.monotonic_ns()}"}
        match number % 6:
            case 0:
                return client.get("/v1/charter")
            case 1:
                return client.get("/v1/me", headers=member)
            case 2:
                return client.get("/v1/boards/all", headers=member)
            case 3:
                return client.patch("/v1/me", headers=member, json={"display_name": "Camille"})
            case 4:
                return client.post("/v1/activities", headers=system | key, json=told(str(number)))
            case _:
                return client.post("/v1/activities", headers=system, json=told(f"single-{number}"))

    return call


class Seen:
    """How callers fared: when each asked, what they were answered, and how long they waited.

    What is said of an outage is held against what was before it: on a machine that is busy with
    other things everybody waits, and some are told to come back.
    """

    def __init__(self):
        self.answers = []

    def between(self, since=0.0, until=float("inf")):
        """Of those who asked and were answered in a time, or asked since a moment."""
        part = Seen()
        part.answers = [
            each for each in self.answers if since <= each[0] and each[0] + each[2] <= until
        ]
        return part

    @property
    def statuses(self):
        return Counter(status for _, status, _ in self.answers)

    @property
    def longest(self):
        return max(seconds for _, _, seconds in self.answers)

    @property
    def errors(self):
        return 1 - self.statuses[200] / len(self.answers)


@asynccontextmanager
async def asking(installation, call):
    """Let many callers ask again and again for the length of the block."""
    seen, stop = Seen(), asyncio.Event()

    async def ask_again_and_again(client, number):
        while not stop.is_set():
            started = time.monotonic()
            answer = await call(client, number)
            ended = time.monotonic()
            seen.answers.append((started, answer.status_code, ended - started))
            if answer.status_code == 503:
                assert float(answer.headers["retry-after"]) <= 2.5
            await asyncio.sleep(0.2)

    async with httpx.AsyncClient(
        base_url=installation.url, timeout=30, limits=httpx.Limits(max_connections=AT_ONCE)
    ) as client:
        running = [asyncio.create_task(ask_again_and_again(client, n)) for n in range(AT_ONCE)]
        try:
            yield seen
        finally:
            stop.set()
            await asyncio.gather(*running)


def freeze_postgres(installation):
    freeze(installation.postgres)
    return lambda: resume(installation.postgres)


def kill_postgres(installation):
    kill_all(installation.postgres)
    return installation.postgres.start_again


def stop_postgres(installation):
    installation.postgres.stop()
    return installation.postgres.start_again


@pytest.mark.parametrize("take_away", [freeze_postgres, kill_postgres, stop_postgres])
async def test_without_postgresql_everybody_is_told_so_at_once(catalogued, callers, take_away):
    """I51: frozen, killed or stopped."""
    async with asking(catalogued, callers) as seen:
        await asyncio.sleep(4)
        gone = time.monotonic()
        bring_back = await asyncio.to_thread(take_away, catalogued)
        await asyncio.sleep(8)
        going = time.monotonic()
        await asyncio.to_thread(bring_back)
        back = time.monotonic()
        await asyncio.sleep(10)

    before, after = seen.between(until=gone), seen.between(since=back + 5)
    away, all_of_it = seen.between(gone + 2.5, going), seen.between(since=gone - 2.5)
    log.warning(
        "before %.2f s %s, away %.2f s %s, at its edges %.2f s, after %.2f s %s",
        before.longest,
        before.statuses,
        away.longest,
        away.statuses,
        all_of_it.longest,
        after.longest,
        after.statuses,
    )
    assert set(away.statuses) == {503}
    assert all_of_it.longest < 2.5 + before.longest
    assert len(after.answers) > 20
    assert after.errors < 0.01 + before.errors
    await asyncio.to_thread(catalogued.wait_until_ready)


async def flush(installation):
    await valkey.client().flushall()


async def kill(installation):
    await asyncio.to_thread(installation.kill_valkey)


async def freeze_for_a_while(installation):
    freeze(installation.valkey)
    await asyncio.sleep(5)
    resume(installation.valkey)


async def away_for_a_while(installation):
    kill_all(installation.valkey)
    await asyncio.sleep(AWAY_SECONDS)
    await asyncio.to_thread(installation.valkey.start_again)


async def restart_empty(installation):
    await asyncio.to_thread(installation.valkey.stop)
    await asyncio.to_thread(installation.valkey.start_again)


@pytest.mark.parametrize("harm", [flush, kill, freeze_for_a_while, away_for_a_while, restart_empty])
async def test_valkey_may_be_lost_in_every_way(catalogued, programme, callers, harm):
    """I20: no fact is lost, writes go on, and boards are right within 5 s of its return."""
    with writing(catalogued.url, programme.key, programme.people, at_once=3) as writers:
        async with asking(catalogued, callers) as seen:
            await asyncio.sleep(4)
            told, harmed = acknowledged(writers), time.monotonic()
            await harm(catalogued)
            meanwhile = acknowledged(writers) - told
            await asyncio.sleep(1)
    seconds = await seconds_until_boards_are_right()

    before, since = seen.between(until=harmed), seen.between(since=harmed)
    log.warning(
        "boards %.2f s, %d written meanwhile, before %.2f s %s, since %.2f s %s",
        seconds,
        meanwhile,
        before.longest,
        before.statuses,
        since.longest,
        since.statuses,
    )
    assert seconds < 5
    assert set(since.statuses) <= {200} | set(before.statuses)
    assert since.longest < 2.5 + before.longest
    if harm in {freeze_for_a_while, away_for_a_while}:
        assert meanwhile > 3
    await assert_nothing_was_lost(catalogued, writers, programme.key)
