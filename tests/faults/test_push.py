"""Pushes while workers are killed and Firebase is in all kinds of trouble (I28 to I33).

The workers are real processes, and send to the sandbox through firebase-admin.
"""

import asyncio
import subprocess
import sys
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from notifications.devices import service as devices
from notifications.devices.service import Registering
from notifications.devices.tables import Platform
from notifications.inbox import service as inbox
from notifications.notify import notify_many, telling
from notifications.push import deliveries
from notifications.push.deliveries import Handed
from notifications.wording.category import SOON
from tests.faults.pushing import (
    Workers,
    arrived,
    assert_pushed_once,
    is_over,
    let_through,
    states,
    until,
)
from tests.notifications.sandbox import a_push, running

pytestmark = pytest.mark.long

AT_ONCE = 500
HELD = "SELECT held_until FROM push_gate WHERE held_until > $1"


@pytest.fixture(scope="module")
def phones():
    with running() as found:
        yield found


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


async def hand_over(prefix, pushes, ends=timedelta(hours=1)):
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


async def is_held():
    return await fetchval(HELD, clock.now()) is not None


async def what_had_left_is_answered():
    return "sending" not in await states()


@pytest.mark.parametrize(
    "trouble",
    [
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


@pytest.mark.parametrize(
    ("trouble", "seconds"),
    [
        ({"trouble": "quota_exceeded", "retry_after": 7}, 7),
        ({"trouble": "unavailable"}, 10),
        ({"trouble": "unauthenticated", "no_tokens": True}, 10),
    ],
    ids=["429", "503", "401 and no tokens"],
)
async def test_nobody_sends_until_firebase_has_rested(workers, phones, trouble, seconds):
    """I28, I30: in the middle of it, for two workers; one is killed, and its successor waits too.

    Nobody helps: when the time is over everything goes out by itself.
    """
    phones.behaves(think_milliseconds=100)
    await hand_over("telephone", 1_000)
    workers.start(2)
    await until(arrived(phones, 100))
    began, many = clock.now(), 100_000
    phones.behaves(**trouble, times=many)
    await until(is_held)
    await until(what_had_left_is_answered)
    held_until = await fetchval(HELD, clock.now())
    assert timedelta(seconds=seconds) <= held_until - began
    assert held_until - clock.now() <= timedelta(seconds=seconds * 1.25)
    assert many - phones.sandbox.behaviour.times <= 2 * (64 + 8)
    phones.behaves()
    before = phones.accepted.total()
    assert before < 1_000
    await asyncio.to_thread(workers.replace)
    await until(arrived(phones, before + 1))
    assert clock.now() >= held_until
    await until(is_over)
    await assert_pushed_once(phones, 1_000)


async def told(members):
    """Each has a phone, and got points from the team a while ago."""
    for statement in (
        "INSERT INTO preferences (member_id, quiet_from, quiet_until)"
        " SELECT m, 0, 0 FROM unnest($1::uuid[]) m WHERE $2::timestamptz IS NOT NULL",
        "INSERT INTO device (id, member_id, token, platform, first_seen_at, last_seen_at)"
        " SELECT m, m, 'telephone-' || m, 'android', $2, $2 FROM unnest($1::uuid[]) m",
    ):
        await execute(statement, members, clock.now())
    facts = {"activity": "7", "reason": {"fr": "Merci.", "en": "Thank you."}}
    with clock.shifted(-SOON):
        async with unit_of_work():
            await notify_many([telling(member, "points.given", **facts) for member in members])


async def test_what_members_did_while_firebase_was_away_counts(workers, phones):
    """I31, I32: their phone is somebody else's, they read it, don't want it, rest, or left."""
    phones.behaves(trouble="unavailable")
    moved, has_read, unwilling, resting, gone, waiting = members = [uuid4() for _ in range(6)]
    await told(members)
    workers.start()

    async def are_put_off():
        return await fetchval("SELECT count(*) FROM push_delivery WHERE fault <> ''") == 6

    await until(are_put_off)
    await devices.register(
        waiting, uuid4(), Registering(token=f"telephone-{moved}", platform=Platform.ANDROID)
    )
    await inbox.read_all(has_read, None)
    for member, wish in (
        (unwilling, """choices = '{"points.given": {"push": false}}'"""),
        (resting, "paused_until = now() + interval '30 days'"),
    ):
        await execute(f"UPDATE preferences SET {wish} WHERE member_id = $1", member)
    await execute("DELETE FROM preferences WHERE member_id = $1", gone)

    phones.behaves()

    async def goes_out():
        await let_through()
        return await is_over()

    await until(goes_out)
    assert [token for token, _ in phones.accepted] == [f"telephone-{waiting}"]
    rows = await fetch("SELECT member_id, state, fault FROM push_delivery")
    assert {row["member_id"]: (row["state"], row["fault"]) for row in rows} == {
        moved: ("dropped", "no_device"),
        has_read: ("dropped", "seen"),
        unwilling: ("dropped", "switched_off"),
        resting: ("dropped", "paused"),
        gone: ("dropped", "gone"),
        waiting: ("sent", ""),
    }


async def test_what_is_wrong_with_the_project_stops_all_workers(workers, phones):
    """I29: it is said in the log, and nothing more leaves until somebody has looked."""
    await hand_over("third_party_auth_error", 1)
    workers.start(2)
    await until(workers.said("push_stopped"))
    await hand_over("telephone", 100)
    await asyncio.to_thread(workers.replace)
    await until(workers.said("worker_ready", times=3))
    await asyncio.sleep(2)
    assert not phones.accepted
    assert workers.log_of_them().count("push_stopped") == 1
    status = await asyncio.to_thread(workers.command, "push", "status")
    assert "third_party_auth_error" in status

    await execute("DELETE FROM device WHERE token LIKE 'third%'")
    await asyncio.to_thread(workers.command, "push", "resume")
    await until(is_over)
    assert await states() == {"dropped": 1, "sent": 100}
    assert set(phones.accepted.values()) == {1}


def test_who_answers_members_has_no_way_to_firebase():
    """I33: the API can't wait for it. What that leaves to be felt is measured by `make bench`."""
    loaded = "import sys, server.app; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    modules = set(ran.stdout.split())
    assert "notifications.push.gate" in modules
    assert not {"notifications.push.firebase", "notifications.push.sending"} & modules
