"""What time alone completes is due before it is given: replay leaves that to the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from gamification.credit import credit_many
from gamification.recognition import replay
from gamification.recognition.settle import settle_by_the_clock
from ground import clock
from ground.engine import execute
from tests.gamification.programme import ALICE, JOINED, activity, badges_of, set_up
from tests.gamification.steering import MAX

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
LATER = JOINED + timedelta(days=400)

pytestmark = pytest.mark.usefixtures("programme")

ANNIVERSARY = b"""
[[badge]]
slug = "a-year"
name = { fr = "Un an", en = "A year" }
description = { fr = "Un an avec nous", en = "A year with us" }
criteria = { term = "age", of = "membership", at_least_days = 365 }

[[badge]]
slug = "faithful"
name = { fr = "Fidele", en = "Faithful" }
description = { fr = "Un an et un article", en = "A year and a post" }
[badge.criteria]
term = "all"
of = [
    { term = "holds", badge = "a-year" },
    { term = "count", kind = "post", at_least = 1 },
]
"""


@pytest.fixture
async def programme(database):
    await set_up()
    with clock.frozen(NOON):
        await publish(read_toml(ANNIVERSARY), to_the_past=True)
        await credit_many([activity("post", "1", NOON)])


async def test_between_a_year_and_the_clock_that_gives_it_nothing_differs():
    with clock.frozen(LATER):
        assert await replay.check() == []
        assert await replay.rebuild(by=MAX) == 0

        await settle_by_the_clock(LATER)

        assert {"a-year", "faithful"} <= (await badges_of(ALICE)).keys()
        assert await replay.check() == []


async def test_the_unclaimed_are_given_no_years_and_nothing_differs():
    await execute("UPDATE player SET state = 'unclaimed', visibility = 'hidden'")
    with clock.frozen(LATER):
        await settle_by_the_clock(LATER)

        assert "a-year" not in await badges_of(ALICE)
        assert await replay.check() == []


async def test_a_year_at_the_wrong_moment_differs_all_the_same():
    with clock.frozen(LATER):
        await settle_by_the_clock(LATER)
        await execute("UPDATE award SET awarded_at = now() WHERE badge = 'a-year'")

        assert {difference.table for difference in await replay.check()} == {"award"}
