"""A campaign to a hundred thousand members. How long it takes, the benchmarks say (I14)."""

from datetime import timedelta

import msgspec
import pytest

from community.campaigns import sending as campaigns
from ground import clock
from ground.engine import fetchval
from notifications.campaigns import limits, managing
from notifications.campaigns.definition import Campaign
from tests.community.campaigns import CAMPAIGN, NOON, crowd
from tests.gamification.steering import MAX

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("catalogue")]
MANY = 100_000


async def test_a_hundred_thousand_are_written_to_once_each_and_phones_are_told_afterwards():
    limits.keep_to(limits.Limits(alone=MANY))
    with clock.frozen(NOON):
        for each in range(0, MANY, 10_000):
            await crowd(10_000, first=1_000 + each)
        made = await managing.create(msgspec.convert(CAMPAIGN, Campaign), by=MAX)
        await managing.schedule(made.id, None, 0, if_match=made.etag, by=MAX)
        await campaigns.send(made.id)
    limits.keep_to(limits.Limits())
    assert await fetchval("SELECT count(*) FROM notification") == MANY
    assert await fetchval("SELECT count(*) FROM outbox") == MANY
    assert await fetchval("SELECT told FROM campaign") == MANY
    # Inboxes fill 5,000 a second at least; phones hear of it when they have.
    assert await fetchval("SELECT max(due_at) FROM outbox") < NOON + timedelta(seconds=20)
    assert await fetchval("SELECT count(*) FROM outbox WHERE due_at <= $1", NOON) == 250
