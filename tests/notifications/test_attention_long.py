"""The same promise about attention as the model's, with real workers on PostgreSQL."""

import asyncio
import random
from datetime import timedelta
from uuid import UUID

import pytest

from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from notifications.notify import notify_many, telling
from notifications.outbox import service as outbox
from tests.notifications.test_attention import most_in_a_window
from tests.notifications.told import FIRST, NOON

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("database")]

MEMBERS, ROUNDS, WORKERS = 20, 60, 5
EIGHT_HOURS, WEEK = timedelta(hours=8), timedelta(days=7)


async def worker(chance):
    """Claims, decides, dies now and then before it is done."""
    while held := await outbox.claim(chance.randint(1, 40)):
        sendings = await outbox.decide(held)
        if chance.random() < 0.1:
            continue
        await outbox.done(sendings)


async def test_no_window_is_overdrawn_by_workers_side_by_side_and_no_news_are_lost():
    """I28, I32."""
    chance = random.Random(5)
    members = [UUID(int=number) for number in range(1, MEMBERS + 1)]
    await execute(
        "INSERT INTO preferences (member_id, quiet_from, quiet_until)"
        " SELECT m, 0, 0 FROM unnest($1::uuid[]) m",
        members,
    )
    told = 0
    for turn in range(ROUNDS):
        with clock.frozen(NOON + turn * EIGHT_HOURS):
            tellings = [
                telling(chance.choice(members), what, **facts)
                for n in range(12)
                for what, facts in (
                    ("challenge.opened", {"challenge": f"{turn}-{n}", "name": FIRST}),
                    ("activity.released", {"activity": f"{turn}-{n}"}),
                )
            ]
            told += 12
            async with unit_of_work():
                await notify_many(tellings)
        with clock.frozen(NOON + turn * EIGHT_HOURS + timedelta(hours=1)):
            await asyncio.gather(
                *(worker(random.Random((turn, n).__hash__())) for n in range(WORKERS))
            )
    with clock.frozen(NOON + ROUNDS * EIGHT_HOURS + timedelta(days=5)):
        await asyncio.gather(*(worker(random.Random(n)) for n in range(WORKERS)))

    spends = await fetch("SELECT member_id, array_agg(at) AS at FROM attention_spend GROUP BY 1")
    assert len(spends) == MEMBERS
    assert max(most_in_a_window(row["at"], WEEK) for row in spends) == 2
    shown = "SELECT count(*) FROM notification WHERE category = $1 AND shown_at IS NOT NULL"
    assert await fetchval(shown, "activity.released") == told
    assert await fetchval(shown, "challenge.opened") == await fetchval(
        "SELECT count(*) FROM attention_spend"
    )
    pushed = await fetchval(
        "SELECT count(*) FROM delivery_line l JOIN notification n ON n.id = l.notification_id"
        " WHERE n.category = 'activity.released' AND l.channel = 'push'"
    )
    waiting = await fetchval("SELECT count(*) FROM outbox WHERE category = 'activity.released'")
    assert pushed + waiting == told
