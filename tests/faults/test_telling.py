"""Two thousand are told something while workers and servers are killed (I12, I14, I15, I20, I28).

From the inbox to the phone, with real processes: the workers push to the sandbox.
"""

import asyncio
import time
from collections import Counter
from uuid import uuid4

import msgspec
import pytest

from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from notifications.campaigns import limits, managing
from notifications.campaigns.definition import Campaign
from notifications.notify import notify_many, telling
from notifications.wording.category import SOON
from tests.community.campaigns import CAMPAIGN
from tests.faults.installation import kill_all
from tests.faults.pushing import Workers, arrived, assert_pushed_once, until
from tests.gamification.steering import MAX
from tests.notifications.sandbox import running

pytestmark = pytest.mark.long

PEOPLE = 2_000
# So many are told in one transaction.
AT_ONCE = 50
KILLS = 3
AWAY_SECONDS = 2
# "Within seconds", on a machine that has much else to do.
SECONDS_TO_GO_ON = 20
OF_THEM = "member_id = ANY($1::uuid[])"


@pytest.fixture(scope="module")
def phones():
    with running() as found:
        yield found


@pytest.fixture
async def workers(behind, phones):
    """Only those of the test: what they leave behind, nobody else takes over."""
    phones.behaves(think_milliseconds=60)
    phones.sandbox.phones.forget()
    await asyncio.to_thread(behind.kill, "worker")
    started = Workers(behind, phones)
    yield started
    while started.processes:
        started.kill()
    behind.start_worker()


@pytest.fixture
async def people(behind):
    """Members with a phone, who may be told something at any hour; and nobody else has any."""
    for table in ("push_delivery", "push_gate", "device"):
        await execute(f"DELETE FROM {table}")
    members = [uuid4() for _ in range(PEOPLE)]
    for statement in (
        "INSERT INTO player (member_id, state, joined_at)"
        " SELECT m, 'active', $2 FROM unnest($1::uuid[]) m",
        "INSERT INTO preferences (member_id, quiet_from, quiet_until)"
        " SELECT m, 0, 0 FROM unnest($1::uuid[]) m WHERE $2::timestamptz IS NOT NULL",
        "INSERT INTO device (id, member_id, token, platform, first_seen_at, last_seen_at)"
        " SELECT m, m, 'telephone-' || m, 'android', $2, $2 FROM unnest($1::uuid[]) m",
    ):
        await execute(statement, members, clock.now())
    yield members
    for table in ("outbox", "push_delivery", "device", "player", "preferences"):
        await execute(f"DELETE FROM {table} WHERE {OF_THEM}", members)


async def tell(members, pause=0.05):
    """Tell each of them something; whoever isn't sure whether it was heard says it again.

    What is alike has been waited for by then.
    """
    for begin in range(0, len(members), AT_ONCE):
        some = [
            telling(member, "activity.released", once="released", activity="7")
            for member in members[begin : begin + AT_ONCE]
        ]

        async def is_told(some=some):
            with clock.shifted(-SOON):
                async with unit_of_work():
                    await notify_many(some)
            return True

        await until(is_told)
        await asyncio.sleep(pause)


async def assert_told_once(members, category):
    """One row in the inbox of each, and one line that says that it reached the phone."""
    rows = await fetch(
        f"SELECT id, member_id FROM notification WHERE category = $2 AND {OF_THEM}",
        members,
        category,
    )
    assert Counter(row["member_id"] for row in rows) == dict.fromkeys(members, 1)
    lines = await fetch(
        f"SELECT notification_id, outcome FROM delivery_line WHERE channel = 'push' AND {OF_THEM}",
        members,
    )
    assert Counter((row["notification_id"], row["outcome"]) for row in lines) == {
        (row["id"], "sent"): 1 for row in rows
    }


def all_is_sent(members):
    """A condition: nothing waits any more, and something was sent to each."""

    async def is_sent():
        if await fetchval(f"SELECT count(*) FROM outbox WHERE {OF_THEM}", members):
            return False
        return (
            await fetchval(
                f"SELECT count(*) FROM push_delivery WHERE state = 'sent' AND {OF_THEM}", members
            )
            == PEOPLE
        )

    return is_sent


async def test_workers_are_killed_while_2000_are_told(workers, people, phones):
    """I14, I15, I28: each is told once, and what a dead worker held is repeated once at most.

    What it held is taken over by itself, within a minute.
    """
    workers.start(2)
    telling_them = asyncio.create_task(tell(people))
    for kill in range(1, KILLS + 1):
        await until(arrived(phones, kill * PEOPLE // (KILLS + 2)))
        await asyncio.to_thread(workers.replace)
    killed = time.monotonic()
    await telling_them
    await until(all_is_sent(people))
    assert time.monotonic() - killed < 60 + SECONDS_TO_GO_ON
    await assert_told_once(people, "activity.released")
    await assert_pushed_once(phones, PEOPLE, crashes=KILLS)


async def scheduled():
    """A campaign to everybody, whose turn has come."""
    limits.keep_to(limits.Limits(alone=1_000_000))
    made = await managing.create(msgspec.convert(CAMPAIGN, Campaign), by=MAX)
    await managing.schedule(made.id, None, PEOPLE, if_match=made.etag, by=MAX)
    limits.keep_to(limits.Limits())
    return made.id


async def test_workers_are_killed_in_the_middle_of_a_campaign(workers, people, phones):
    """I14, I15, I28: another one goes on with it, by itself, and nobody is written to twice."""
    campaign = await scheduled()

    async def is_in_the_middle():
        return await fetchval("SELECT told FROM campaign WHERE id = $1", campaign) >= PEOPLE // 2

    # Whoever comes last is held up, and so is the page that they are in.
    async with unit_of_work():
        await execute("SELECT FROM preferences WHERE member_id = $1 FOR UPDATE", max(people))
        workers.start()
        await until(is_in_the_middle)
        await asyncio.to_thread(workers.kill)
    assert await fetchval("SELECT state FROM campaign WHERE id = $1", campaign) == "sending"
    workers.start(2)
    await until(arrived(phones, PEOPLE // 5))
    await asyncio.to_thread(workers.replace)
    killed = time.monotonic()
    await until(all_is_sent(people))
    assert time.monotonic() - killed < 60 + SECONDS_TO_GO_ON
    assert await fetchval("SELECT state FROM campaign WHERE id = $1", campaign) == "sent"
    await assert_told_once(people, "campaign.news")
    await assert_pushed_once(phones, PEOPLE, crashes=2)


@pytest.mark.parametrize("server", ["postgres", "valkey"])
async def test_a_server_is_killed_while_2000_are_told(behind, workers, people, phones, server):
    """I12, I20, I28, I51: all goes on by itself within seconds of its return, and nothing is lost.

    A push whose answer came while PostgreSQL was away is one of a crash: it is repeated once at
    most. Without Valkey nothing is repeated, and nobody waits for it.
    """
    victim = getattr(behind, server)
    phones.behaves(think_milliseconds=200)
    workers.start(2)
    telling_them = asyncio.create_task(tell(people, pause=0.2))
    for part in (PEOPLE // 5, PEOPLE // 2):
        await until(arrived(phones, part))
        await asyncio.to_thread(kill_all, victim)
        gone = phones.accepted.total()
        if server == "valkey":
            await until(arrived(phones, gone + 1), SECONDS_TO_GO_ON)
        else:
            await asyncio.sleep(AWAY_SECONDS)
        await asyncio.to_thread(victim.start_again)
        back = phones.accepted.total()
        assert back < PEOPLE
        await until(arrived(phones, back + 1), SECONDS_TO_GO_ON)
    await telling_them
    await until(all_is_sent(people))
    await assert_told_once(people, "activity.released")
    await assert_pushed_once(phones, PEOPLE, crashes=4 if server == "postgres" else 0)
    assert "Traceback" not in workers.log_of_them()
    await asyncio.to_thread(behind.wait_until_ready)
