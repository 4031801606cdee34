"""Challenges: what counts, who takes part, what is reached, and that nobody is ever blamed."""

from datetime import timedelta

import pytest

from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from gamification.challenges import taking_part
from gamification.challenges.checking import differences
from gamification.credit import credit_many, reverse
from ground import clock
from tests.gamification.challenges import STARTS, done, published
from tests.gamification.programme import ALICE, BOB, activity, set_up

BEFORE = STARTS - timedelta(days=1)
A_DAY = timedelta(days=1)
AN_HOUR = timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("programme")


@pytest.fixture
async def programme(database):
    with clock.frozen(BEFORE):
        await set_up()
        await publish(
            read_toml(
                b"""
                [[badge]]
                slug = "together"
                name = { fr = "Ensemble", en = "Together" }
                description = { fr = "Ensemble", en = "Together" }
                criteria = { term = "by_hand" }
                """
            )
        )
        yield


async def posts(member_id, *keys, at, **more):
    """Somebody posts, and the ledger hears of it at that moment."""
    with clock.frozen(more.pop("told_at", at)):
        return await credit_many(
            [activity("post", f"{key}", at, member_id=member_id, **more) for key in keys]
        )


async def test_what_participants_do_counts_and_what_others_do_does_not():
    challenge = await published()
    await taking_part.join(challenge.id, ALICE)

    await posts(ALICE, "a1", "a2", at=STARTS + AN_HOUR)
    await posts(BOB, "b1", at=STARTS + AN_HOUR)
    await posts(ALICE, "early", at=STARTS - AN_HOUR)
    await posts(ALICE, "late", at=STARTS + 10 * A_DAY)

    assert await done(challenge) == 2
    assert await differences() == []


async def test_who_joins_late_brings_what_they_did_since_the_start_where_it_says_so():
    generous = await published()
    strict = await published(counts_since_start=False)
    await posts(BOB, "b1", "b2", at=STARTS + AN_HOUR)

    with clock.frozen(STARTS + 2 * AN_HOUR):
        await taking_part.join(generous.id, BOB)
        await taking_part.join(strict.id, BOB)
    await posts(BOB, "b3", at=STARTS + 3 * AN_HOUR)

    assert (await done(generous), await done(strict)) == (3, 1)
    assert await differences() == []


async def test_nobody_carries_it_alone():
    challenge = await published(daily_cap=2)
    await taking_part.join(challenge.id, ALICE)

    given = await posts(ALICE, *range(5), at=STARTS + AN_HOUR)
    await posts(ALICE, "next-day", at=STARTS + A_DAY)
    assert await done(challenge) == 3

    await reverse([given[0].entry_id, given[1].entry_id], reason="spam")
    assert await done(challenge) == 3
    await reverse([given[2].entry_id, given[3].entry_id], reason="spam")
    await reverse([given[2].entry_id, given[3].entry_id], reason="spam")
    assert await done(challenge) == 2
    assert await differences() == []
