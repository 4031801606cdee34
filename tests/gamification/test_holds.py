"""What was held and released is as if it had never been held, whatever changed meanwhile."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gamification.boards.closing import close_due
from gamification.by_hand.reason import Reason
from gamification.catalogue.publishing import publish
from gamification.credit import credit_many
from gamification.holds import service as holds
from gamification.recognition import replay
from ground import clock
from ground.callers import Caller, CallerKind
from ground.engine import execute, fetch, fetchval
from ground.roles import Role
from tests.gamification.drafts import board, file
from tests.gamification.programme import (
    ALICE,
    activity,
    badges_of,
    ledger_points_of,
    points_of,
    set_up,
    take_part,
)

NOW = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)
MONA = Caller(kind=CallerKind.MEMBER, member_id=UUID(int=0x303A), role=Role.MODERATOR)
BECAUSE = Reason(en="We had a look.")


@pytest.fixture
async def programme(database):
    with clock.frozen(NOW - timedelta(days=30)):
        await set_up()


async def credited(*told):
    return [answer.entry_id for answer in await credit_many(told)]


async def held(*entries):
    for entry in entries:
        await holds.hold(entry, BECAUSE, by=MONA)


async def released(*entries):
    for entry in entries:
        await holds.release(entry, by=MONA)


async def test_a_release_keeps_the_day_that_was_the_members_then(programme):
    with clock.frozen(NOW):
        entries = await credited(*(activity("comment", str(n), NOW) for n in range(4)))
        await held(*entries)
    await execute("UPDATE preferences SET time_zone = 'Pacific/Kiritimati'")
    with clock.frozen(NOW + timedelta(days=9)):
        await released(*entries)
        assert await replay.check() == []

    rows = await fetch(
        "SELECT DISTINCT occurred_at, local_day::text, programme_day::text, worth FROM ledger_entry"
        " WHERE reverses IS NULL"
    )
    assert [tuple(row) for row in rows] == [(NOW, "2026-11-05", "2026-11-05", 2)]
    assert await points_of(ALICE) == await ledger_points_of(ALICE) == 3
    assert await badges_of(ALICE) == {"burst": NOW, "commentator": NOW}


async def test_a_release_is_worth_what_the_activity_was(database):
    kind = {"slug": "post", "name": {"fr": "Un nom", "en": "A name"}, "points": 5}
    with clock.frozen(NOW - timedelta(days=1)):
        await publish(file(kind=[kind]), to_the_past=True)
        await take_part({ALICE: "Europe/Paris"})
    with clock.frozen(NOW):
        [entry] = await credited(activity("post", "1", NOW))
        await held(entry)
        await publish(file(kind=[kind | {"points": 50, "daily_cap": 60}]), to_the_past=False)
    with clock.frozen(NOW + timedelta(days=9)):
        await released(entry)
        assert await replay.check() == []

    assert await points_of(ALICE) == 5


async def test_what_fills_the_place_below_a_cap_makes_room_again(programme):
    with clock.frozen(NOW):
        first, *_ = await credited(*(activity("comment", str(n), NOW) for n in range(3)))
        await held(first)
        assert await points_of(ALICE) == 3
        await released(first)

    assert await points_of(ALICE) == await ledger_points_of(ALICE) == 3


@pytest.fixture
async def board_of_months(database):
    kind = {"slug": "post", "name": {"fr": "Un nom", "en": "A name"}, "points": 5}
    with clock.frozen(datetime(2026, 10, 1, tzinfo=UTC)):
        await publish(file(kind=[kind], board=[board(period="month")]), to_the_past=True)
        await take_part({ALICE: "Europe/Paris"})


async def points_in(period):
    return await fetchval(
        "SELECT coalesce(sum(points), 0) FROM board_points WHERE period = $1", period
    )


async def test_a_closed_month_stays_as_it_was_when_it_closed(board_of_months):
    """0043. What was held then isn't in it, what was held later is."""
    october = datetime(2026, 10, 20, 12, tzinfo=UTC)
    with clock.frozen(october):
        before, after = await credited(
            activity("post", "1", october), activity("post", "2", october)
        )
        await held(before)
    with clock.frozen(NOW):
        assert "2026-10" in await close_due(clock.now())
    with clock.frozen(NOW + timedelta(hours=1)):
        await held(after)
    with clock.frozen(NOW + timedelta(hours=2)):
        await released(before, after)
        assert await replay.check() == []

    assert await points_in("2026-10") == 5
    assert await points_in("all_time") == 10
    assert await points_of(ALICE) == 10


async def test_a_tier_has_its_grace_while_what_led_to_it_is_held(programme):
    with clock.frozen(NOW):
        [entry] = (
            await credited(*(activity("post", str(n), NOW - timedelta(days=n)) for n in range(2)))
        )[:1]
        await held(entry)
        while_held = await fetchval("SELECT lapses_at FROM tier_held WHERE tier = 'friend'")
        await released(entry)
        afterwards = await fetchval("SELECT lapses_at FROM tier_held WHERE tier = 'friend'")

    assert while_held == NOW + timedelta(days=30)
    assert afterwards is None
