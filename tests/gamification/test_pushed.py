"""What journeys hear of recognition: in its transaction, at the moment it became true."""

from datetime import timedelta

import pytest

from gamification.by_hand import service as by_hand
from gamification.by_hand.act import Wanted
from gamification.by_hand.reason import Reason
from gamification.by_hand.tables import Does
from gamification.credit import credit, credit_many, reverse
from ground import clock
from ground.engine import execute, fetch
from notifications.journeys import running
from tests.gamification.challenges import STARTS
from tests.gamification.programme import ALICE, BOB, activity, set_up
from tests.gamification.steering import MAX

AN_HOUR = timedelta(hours=1)
REASON = Reason(fr="Merci pour la fête.", en="Thanks for the party.")


@pytest.fixture
async def programme(database):
    await set_up()
    await execute("DELETE FROM journey_fact")


pytestmark = pytest.mark.usefixtures("programme")


async def facts(member_id=ALICE):
    rows = await fetch(
        "SELECT fact, last_at FROM journey_fact WHERE member_id = $1 ORDER BY fact", member_id
    )
    return {row["fact"]: row["last_at"] for row in rows}


async def test_a_first_activity_and_what_it_earned_are_pushed_and_taken_back():
    with clock.frozen(STARTS):
        made = await credit(activity("post", "1", STARTS - AN_HOUR))
        pushed = await facts()
        assert pushed["activity"] == pushed["badge:first-post"] == STARTS - AN_HOUR
        await reverse([made.entry_id], reason="test")
    assert "badge:first-post" not in await facts()


async def test_who_was_active_today_already_costs_no_statement_more(statements):
    with clock.frozen(STARTS):
        await credit_many([activity("comment", "1", STARTS - 3 * AN_HOUR)])
        with statements() as sent:
            await credit_many([activity("comment", "2", STARTS - 2 * AN_HOUR)])
    assert [sql for sql in sent if "journey" in sql] == []


async def test_a_badge_by_hand_is_pushed_and_taken_back():
    wanted = {"slug": "first-post", "members": (BOB,), "reason": REASON}
    await by_hand.act(Wanted(does=Does.GIVE, **wanted), by=MAX)
    assert "badge:first-post" in await facts(BOB)
    await by_hand.act(Wanted(does=Does.TAKE, **wanted), by=MAX)
    assert "badge:first-post" not in await facts(BOB)


async def test_a_badge_just_earned_opens_one_asking_that_names_it():
    with clock.frozen(STARTS):
        await credit(activity("post", "1", STARTS - AN_HOUR))
        await running.by_the_clock()
    with clock.frozen(STARTS + 3 * AN_HOUR):
        await running.by_the_clock()
    rows = await fetch(
        "SELECT facts->'title'->>'en' AS said, shown_at FROM notification"
        " WHERE category = 'journey.ask'"
    )
    [row] = rows
    assert row["said"] == "You have just earned: A name"
    assert row["shown_at"] is None, "it waits until attention allows it"
