"""Pushes while workers are killed and Firebase is in all kinds of trouble (I28 to I31).

The workers are real processes, and send to the sandbox through firebase-admin.
"""

import asyncio
import subprocess
import sys
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from ground import clock
from ground.engine import execute, fetch
from ground.unit_of_work import unit_of_work
from notifications.push import deliveries
from notifications.push.deliveries import Handed
from tests.notifications.sandbox import a_push, running

pytestmark = pytest.mark.long

PUSHES = 2_000
AT_ONCE = 500
KILLS = 3
SECONDS = 120


@pytest.fixture(scope="module")
def phones():
    with running() as found:
        yield found


class Workers:
    """Workers of the installation that push to the sandbox."""

    def __init__(self, installation, phones):
        self.environment = installation.environment | {"PUSH_SANDBOX_URL": phones.url}
        self.log = installation.folder / "pushing.log"
        installation.logs.append(self.log)
        self.processes = []

    def start(self):
        with self.log.open("ab") as output:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "server", "worker"],
                    env=self.environment,
                    stdout=output,
                    stderr=output,
                )
            )

    def kill(self):
        process = self.processes.pop(0)
        process.kill()
        process.wait()


@pytest.fixture
async def workers(behind, phones):
    phones.behaves()
    phones.sandbox.phones.forget()
    for table in ("push_delivery", "push_gate", "device"):
        await execute(f"DELETE FROM {table}")
    started = Workers(behind, phones)
    yield started
    while started.processes:
        started.kill()


async def hand_over(prefix, pushes=PUSHES, ends=timedelta(hours=1)):
    """A push to each of so many phones."""
    members = [uuid4() for _ in range(pushes)]
    await execute(
        "INSERT INTO device (id, member_id, token, platform, first_seen_at, last_seen_at)"
        " SELECT gen_random_uuid(), m, $2 || '-' || n, 'android', $3, $3"
        " FROM unnest($1::uuid[]) WITH ORDINALITY AS t (m, n)",
        members,
        prefix,
        clock.now(),
    )
    first = UUID(int=uuid4().int).int % 10**12
    expires_at = clock.now() + ends
    for begin in range(0, pushes, AT_ONCE):
        async with unit_of_work():
            await deliveries.hand_over(
                [
                    Handed(
                        outbox_id=first + n,
                        notification_id=first + n,
                        member_id=members[n],
                        push=a_push(collapse_id=f"n{first + n}", expires_at=expires_at),
                    )
                    for n in range(begin, min(begin + AT_ONCE, pushes))
                ]
            )


async def states():
    rows = await fetch("SELECT state, count(*) AS n FROM push_delivery GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


async def until(condition):
    async with asyncio.timeout(SECONDS):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def is_over():
    return not {"due", "sending"} & set(await states())


async def let_through():
    """Nobody waits for what was held or put off."""
    await execute("UPDATE push_delivery SET due_at = $1 WHERE state = 'due'", clock.now())
    await execute("UPDATE push_gate SET held_until = $1", clock.now())


async def test_workers_are_killed_while_2000_pushes_go_out(workers, phones):
    """I28: each once, and one repeat more for what a dead worker held; none is lost."""
    phones.behaves(think_milliseconds=60)
    await hand_over("telephone")
    for _ in range(2):
        workers.start()
    for kill in range(1, KILLS + 1):

        async def goes_on(least=kill * PUSHES // (KILLS + 2)):
            return len(phones.sandbox.phones.accepted) >= least

        await until(goes_on)
        await asyncio.to_thread(workers.kill)
        workers.start()
    # What the dead held is taken over when its time is over: here at once.
    await execute("UPDATE push_delivery SET due_at = $1 WHERE state = 'sending'", clock.now())
    await until(is_over)
    times = phones.accepted
    assert await states() == {"sent": PUSHES}
    assert len(times) == PUSHES
    assert set(times.values()) <= {1, 2}
    assert sum(n - 1 for n in times.values()) <= (KILLS + 2) * 256
    rows = await fetch("SELECT repeats FROM push_delivery WHERE repeats > 1")
    assert rows == []


async def test_half_a_batch_is_unregistered(workers, phones):
    """I29."""
    await hand_over("unregistered", 200)
    await hand_over("telephone", 200)
    workers.start()
    await until(is_over)
    assert await states() == {"failed": 200, "sent": 200}
    rows = await fetch("SELECT token FROM device")
    assert len(rows) == 200
    assert all(row["token"].startswith("telephone") for row in rows)
    assert set(phones.accepted.values()) == {1}


@pytest.mark.parametrize(
    "trouble",
    [
        {"trouble": "unavailable"},
        {"trouble": "quota_exceeded", "retry_after": 7},
        {"trouble": "broken"},
        {"trouble": "silence"},
        {"no_tokens": True},
    ],
    ids=lambda trouble: trouble.get("trouble", "no tokens"),
)
async def test_firebase_is_in_trouble_for_a_while(workers, phones, trouble):
    """I28, I30, T34: when it is well again everything goes out, and hardly anything twice."""
    await hand_over("telephone", 300)
    phones.behaves(**trouble)
    workers.start()

    async def is_held():
        return bool(await fetch("SELECT FROM push_gate WHERE held_until > $1", clock.now()))

    await until(is_held)
    tried = await fetch("SELECT FROM push_delivery WHERE tries > 0")
    assert len(tried) <= 64 + 8
    assert not phones.accepted
    phones.behaves()
    await let_through()

    async def goes_out():
        await let_through()
        return await is_over()

    await until(goes_out)
    assert await states() == {"sent": 300}
    assert set(phones.accepted.values()) == {1}
