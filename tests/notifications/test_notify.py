"""The door: one row for what happened, and what follows from its category."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from ground import clock
from ground.engine import execute, fetchval
from ground.languages import Language
from ground.unit_of_work import unit_of_work
from notifications.forgetting import forget
from notifications.inbox import service as inbox
from notifications.notify import notify, notify_many, telling
from notifications.outbox import service as outbox
from notifications.preferences import service as preferences
from notifications.preferences.service import Spoken
from tests.notifications.told import (
    ALICE,
    BOB,
    CAMILLE,
    FIRST,
    NOON,
    SECOND,
    ask,
    earn,
    lines,
    rows,
    sent,
    somebody,
)

pytestmark = pytest.mark.usefixtures("database")
MINUTE = timedelta(minutes=1)
A_WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def noon():
    with clock.frozen(NOON):
        yield


async def test_a_notification_exists_if_and_only_if_its_transaction_committed():
    """I12."""
    await somebody(ALICE)

    async def earning_and_failing():
        async with unit_of_work():
            await notify(ALICE, "badge.earned", badge="first", name=FIRST)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await earning_and_failing()
    assert await rows() == []
    assert await fetchval("SELECT count(*) FROM outbox") == 0

    await earn(ALICE)
    assert [row["category"] for row in await rows()] == ["badge.earned"]


async def test_nobody_is_told_outside_of_the_transaction_in_which_it_became_true():
    with pytest.raises(RuntimeError):
        await notify(ALICE, "badge.earned", badge="first", name=FIRST)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"badge": "first"}, id="a fact is missing"),
        pytest.param({"badge": "first", "name": FIRST, "points": 3}, id="one nobody knows"),
        pytest.param({"badge": "first", "name": "First"}, id="one in a single language"),
        pytest.param({"badge": 3, "name": FIRST}, id="one of another type"),
    ],
)
async def test_facts_are_those_that_the_category_declares(facts):
    async def telling_it():
        async with unit_of_work():
            await notify(ALICE, "badge.earned", **facts)

    with pytest.raises(msgspec.ValidationError):
        await telling_it()


async def test_a_thousand_members_are_told_in_one_statement(statements):
    members = [UUID(int=number) for number in range(1, 1001)]
    await execute("INSERT INTO preferences (member_id) SELECT * FROM unnest($1::uuid[])", members)
    told = [telling(each, "badge.earned", badge="first", name=FIRST) for each in members]
    with statements() as heard:
        async with unit_of_work():
            await notify_many(told)
    assert await fetchval("SELECT count(*) FROM notification") == 1000
    assert await fetchval("SELECT count(*) FROM outbox") == 1000
    # The other one asks whether anybody listens.
    assert len(heard) == 2


async def test_what_is_alike_is_one_message_as_long_as_it_is_unread():
    await somebody(ALICE)
    await earn(ALICE)
    await earn(ALICE, "writer", SECOND)
    [both] = await rows()
    assert (both["likes"], msgspec.json.decode(both["facts"])["badge"]) == (2, "writer")
    assert await lines() == [("inbox", "merged", "alike")]
    assert await fetchval("SELECT count(*) FROM outbox") == 1

    await inbox.read(ALICE, both["id"])
    await earn(ALICE)
    assert [row["likes"] for row in await rows()] == [2, 1]


async def test_people_are_counted_once_however_often_they_do_it():
    await somebody(ALICE)
    async with unit_of_work():
        await notify(ALICE, "thanks.received", by=BOB)
    async with unit_of_work():
        await notify_many([telling(ALICE, "thanks.received", by=by) for by in (BOB, CAMILLE, BOB)])
    [thanks] = await rows()
    assert thanks["likes"] == 2
    assert thanks["actors"] == [BOB, CAMILLE]


async def test_what_bears_a_name_is_told_once_ever():
    """I14."""
    await somebody(ALICE)
    for _ in range(2):
        async with unit_of_work():
            await notify(ALICE, "season.celebrated", once="autumn", season="autumn", name=FIRST)
    [told] = await rows()
    assert (told["likes"], told["once"]) == (1, "autumn")


async def test_nobody_is_told_who_has_not_come_yet_or_has_left():
    await preferences.expect({ALICE: Spoken(Language.FRENCH, "Europe/Paris")})
    await somebody(BOB)
    await earn(BOB)
    await ask(BOB)
    await forget(BOB)
    for member_id in (ALICE, BOB, CAMILLE):
        await earn(member_id)
    assert await rows() == []
    assert await sent(NOON + A_WEEK) == []

    await somebody(ALICE)
    await earn(ALICE)
    assert len(await rows()) == 1


async def test_a_push_waits_for_its_like_and_leaves_once():
    """I28."""
    await somebody(ALICE)
    await earn(ALICE)
    await earn(ALICE, "writer", SECOND)
    assert await sent(NOON + 9 * MINUTE) == []
    [push] = await sent(NOON + 10 * MINUTE)
    assert (push.likes, push.language, push.discreet) == (2, "en", True)
    assert push.collapse_id == f"n{push.notification_id}"
    assert await sent(NOON + A_WEEK) == []
    assert (await lines())[-1] == ("push", "sent", "sent")

    await earn(ALICE)
    [again] = await sent(NOON + 20 * MINUTE)
    assert again.collapse_id == push.collapse_id


async def test_a_worker_that_dies_lets_go_and_one_that_wakes_up_changes_nothing():
    """I15, I16."""
    await somebody(ALICE)
    await earn(ALICE)
    with clock.frozen(NOON + 10 * MINUTE):
        frozen = await outbox.decide(await outbox.claim(10))
        assert await outbox.claim(10) == []
    with clock.frozen(NOON + 12 * MINUTE):
        [taken_over] = await outbox.decide(await outbox.claim(10))
        await outbox.done(frozen)
        assert await fetchval("SELECT count(*) FROM outbox") == 1
        assert await outbox.decide([each.held for each in frozen]) == []
        await outbox.done([taken_over])
        assert await fetchval("SELECT count(*) FROM outbox") == 0


async def test_what_was_not_sent_is_decided_anew_later():
    await somebody(ALICE)
    await earn(ALICE)
    with clock.frozen(NOON + 10 * MINUTE):
        [push] = await outbox.decide(await outbox.claim(10))
        # Meanwhile there is something new to say, which takes its place.
        await earn(ALICE, "writer", SECOND)
        await outbox.put_off([(push.held, clock.now() + 5 * MINUTE)])
    [later] = await sent(NOON + 20 * MINUTE)
    assert later.likes == 2
    assert await sent(NOON + A_WEEK) == []


async def test_opting_out_pausing_and_quiet_hours_hold_when_it_is_sent_not_when_it_is_told():
    """I32."""
    await somebody(ALICE, BOB, CAMILLE)
    for member_id in (ALICE, BOB, CAMILLE):
        await earn(member_id)
    off = '{"badge.earned": {"push": false}}'
    await execute("UPDATE preferences SET choices = $2::jsonb WHERE member_id = $1", ALICE, off)
    await execute(
        "UPDATE preferences SET paused_until = $2 WHERE member_id = $1", BOB, NOON + 60 * MINUTE
    )
    await execute(
        "UPDATE preferences SET quiet_from = 0, quiet_until = 1020 WHERE member_id = $1", CAMILLE
    )
    assert await sent(NOON + 10 * MINUTE) == []
    assert sorted(await lines()) == [
        ("push", "deferred", "paused"),
        ("push", "deferred", "quiet"),
        ("push", "digest", "switched_off"),
    ]
    # Five in the afternoon, in Paris.
    later = await sent(NOON + 120 * MINUTE)
    assert sorted(each.member_id for each in later) == [BOB, CAMILLE]
    assert len(await rows()) == 3, "all of it is in the inboxes"


async def test_what_was_read_in_the_app_is_not_pushed():
    await somebody(ALICE)
    await earn(ALICE)
    await inbox.read_all(ALICE, None)
    assert await sent(NOON + 10 * MINUTE) == []
    assert await lines() == [("push", "digest", "seen")]


async def test_what_asks_for_something_is_not_seen_before_its_turn():
    await somebody(ALICE)
    for challenge in "123":
        await ask(ALICE, challenge)
    assert [row["shown_at"] for row in await rows()] == [None, None, None]
    assert await inbox.unread(ALICE) == 0

    assert len(await sent(NOON + 10 * MINUTE)) == 2
    assert await inbox.unread(ALICE) == 2
    # Its turn would come in a week, and it isn't worth it for so long.
    assert ("inbox", "dropped", "budget") in await lines()
    assert await sent(NOON + timedelta(days=2)) == []


async def test_an_asking_that_a_crash_interrupted_costs_once():
    await somebody(ALICE)
    await ask(ALICE)
    with clock.frozen(NOON + 10 * MINUTE):
        assert len(await outbox.decide(await outbox.claim(10))) == 1
    assert len(await sent(NOON + 20 * MINUTE)) == 1
    assert await fetchval("SELECT count(*) FROM attention_spend") == 1


async def test_messages_are_kept_for_a_year():
    await somebody(ALICE)
    await earn(ALICE)
    await earn(ALICE, "writer", SECOND)
    with clock.frozen(NOON + timedelta(days=364)):
        assert await inbox.purge() == 0
    with clock.frozen(NOON + timedelta(days=366)):
        assert await inbox.purge() == 1
    for table in ("notification", "outbox", "delivery_line"):
        assert await fetchval(f"SELECT count(*) FROM {table}") == 0
