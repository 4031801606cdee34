from datetime import timedelta

import pytest

from gamification.catalogue.publishing import publish
from gamification.catalogue.service import current
from gamification.segments import service
from ground import clock
from tests.gamification.boards import NOON, somebody
from tests.gamification.segments import CATALOGUE, criteria, in_tier


@pytest.fixture(autouse=True)
async def programme(database):
    with clock.frozen(NOON):
        await publish(CATALOGUE, to_the_past=True)
        yield


async def who(*terms):
    """The members whom criteria are of."""
    catalogue = await current()
    wanted = criteria(*terms)
    service.refuse_faults(wanted, catalogue, "/of")
    places = await service.page(wanted, catalogue, before=None, limit=100)
    assert (await service.count(wanted, catalogue)).members == len(places)
    return {place.member_id for place in places}


async def test_a_tier_is_the_one_that_a_member_is_in_now():
    anna, bilal, chloe, dora = [await somebody() for _ in range(4)]
    await in_tier(anna, "seed")
    await in_tier(bilal, "seed", "tree")
    await in_tier(chloe, "tree", lapses_at=NOON - timedelta(minutes=1))
    assert await who({"term": "tier", "one_of": ["seed"]}) == {anna.id}
    assert await who({"term": "tier", "one_of": ["seed", "tree"]}) == {anna.id, bilal.id}
    assert await who({"term": "tier", "at_least": "seed"}) == {anna.id, bilal.id}
    assert await who({"term": "tier", "at_least": "tree"}) == {bilal.id}
    nobody = {"term": "none", "of": [{"term": "tier", "at_least": "seed"}]}
    assert await who(nobody) == {chloe.id, dora.id}
