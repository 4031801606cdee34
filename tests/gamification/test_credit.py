"""Crediting: each activity once, with everything that follows from it, in one transaction."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from gamification.credit import credit, credit_many, reverse
from gamification.ledger.activity import Activity, Credited
from gamification.ledger.merge import move_everything
from gamification.recognition import replay
from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import Doomed, unit_of_work
from tests.gamification.programme import (
    ALICE,
    BOB,
    CHIARA,
    activity,
    badges_of,
    ledger_points_of,
    points_of,
    set_up,
)

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("programme")


@pytest.fixture
async def programme(database):
    await set_up()


async def test_an_activity_brings_points_and_a_badge_at_once():
    credited = await credit(activity("post", "1", NOON, subject="post:1"))

    assert (credited.status, credited.points, credited.awards) == (
        "recorded",
        5,
        ("first-post", "unblemished"),
    )
    assert await points_of(ALICE) == 5
    assert (await badges_of(ALICE))["first-post"] == NOON


async def test_sending_it_again_changes_nothing():
    first = await credit(activity("post", "1", NOON))
    again = await credit(activity("post", "1", NOON))

    assert again.status == "duplicate"
    assert again.entry_id == first.entry_id
    assert await points_of(ALICE) == 5


async def test_the_same_key_twice_in_one_call_counts_once():
    answers = await credit_many([activity("post", "1", NOON), activity("post", "1", NOON)])

    assert [answer.status for answer in answers] == ["recorded", "duplicate"]
    assert answers[0].entry_id == answers[1].entry_id


async def credit_patiently(told: Activity) -> Credited:
    """Try again when all connections are busy for too long, as a caller does after a 503."""
    while True:
        try:
            return await credit(told)
        except (TimeoutError, asyncpg.LockNotAvailableError):
            continue


async def test_fifty_at_once_with_one_key_score_once():  # I4
    answers = await asyncio.gather(
        *(credit_patiently(activity("post", "1", NOON)) for _ in range(50))
    )

    assert Counter(answer.status for answer in answers) == {"recorded": 1, "duplicate": 49}
    assert await points_of(ALICE) == await ledger_points_of(ALICE) == 5


async def test_fifty_at_once_stay_below_the_cap():  # I8
    told = [activity("post", str(number), NOON) for number in range(50)]
    answers = await asyncio.gather(*map(credit_patiently, told))

    assert all(answer.status == "recorded" for answer in answers)
    assert sum(answer.points for answer in answers) == 12
    assert await points_of(ALICE) == await ledger_points_of(ALICE) == 12


async def test_batches_that_cross_dont_wait_for_each_other_for_ever():
    people = [ALICE, BOB, CHIARA]

    async def one(number: int) -> None:
        order = people[number % 3 :] + people[: number % 3]
        told = [
            activity("comment", f"{number}-{place}", NOON, member_id=who)
            for place, who in enumerate(order * 5)
        ]
        await credit_many(told)

    await asyncio.gather(*map(one, range(12)))

    assert await fetchval("SELECT count(*) FROM ledger_entry") == 180
    assert await replay.check() == []


async def test_votes_on_answers_side_by_side_dont_wait_for_each_other_in_a_circle():
    people = [ALICE, BOB, CHIARA]
    asked = activity("post", "q", NOON, subject="q")
    opened = [
        activity(
            "answer", f"a{n}", NOON + timedelta(days=n), member_id=who, subject=f"a{n}", parent="q"
        )
        for n, who in enumerate(people)
    ]
    await credit_many([asked, *opened])
    votes = [
        activity(
            "vote", f"v{n}", NOON + timedelta(days=9), member_id=people[n % 3], subject=f"a{n % 3}"
        )
        for n in range(60)
    ]

    answers = await asyncio.gather(*map(credit_patiently, votes))

    assert {answer.status for answer in answers} == {"recorded"}
    assert await replay.check() == []


async def test_a_capped_activity_is_recorded_for_nothing_and_still_counts():
    told = [activity("comment", str(number), NOON) for number in range(4)]
    answers = await credit_many(told)

    assert [(a.points, a.reason) for a in answers] == [
        (2, None),
        (1, "daily_cap"),
        (0, "daily_cap"),
        (0, "daily_cap"),
    ]
    assert "commentator" in await badges_of(ALICE)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        pytest.param(activity("dance", "1", NOON), "unknown_kind", id="a kind that isn't there"),
        pytest.param(
            activity("post", "1", NOON, member_id=ALICE.__class__(int=9)),
            "unknown_member",
            id="somebody unknown",
        ),
        pytest.param(
            activity("post", "1", datetime(2999, 1, 1, tzinfo=UTC)),
            "in_the_future",
            id="the future",
        ),
        pytest.param(activity("post", "1", date(2999, 1, 1)), "in_the_future", id="a day to come"),
        pytest.param(
            activity("post", "1", NOON, quantity=10_000_000), "quantity_out_of_range", id="too much"
        ),
        pytest.param(
            activity("answer", "1", NOON, quantity=-1_000_001),
            "quantity_out_of_range",
            id="too little",
        ),
        pytest.param(activity("answer", "1", NOON, parent=7), "parent_not_a_text", id="a number"),
    ],
)
async def test_what_cant_be_recorded_is_told_and_the_rest_goes_on(told, code):
    answers = await credit_many([told, activity("comment", "2", NOON)])

    assert [(a.status, a.code) for a in answers] == [("rejected", code), ("recorded", None)]
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 1


async def test_what_would_be_worth_too_much_for_a_ledger_is_refused():
    dear = """
        [[kind]]
        slug = "dear"
        name = { fr = "Cher", en = "Dear" }
        points = 10000
    """
    await publish(read_toml(dear.encode()))
    answers = await credit_many(
        [
            activity("dear", "1", NOON, quantity=1_000_000),
            activity("dear", "2", NOON, quantity=10_000),
        ]
    )

    assert [(a.status, a.points) for a in answers] == [("rejected", 0), ("recorded", 100_000_000)]


async def test_who_left_is_credited_no_more():
    await execute(
        "UPDATE player SET state = 'left', visibility = 'hidden' WHERE member_id = $1", BOB
    )

    assert (await credit(activity("post", "1", NOON, member_id=BOB))).code == "member_left"


async def credit_and_fail() -> None:
    async with unit_of_work():
        await credit(activity("post", "1", NOON))
        raise ZeroDivisionError


async def test_a_failing_caller_takes_the_credit_along():
    with pytest.raises(ZeroDivisionError):
        await credit_and_fail()

    assert await fetchval("SELECT count(*) FROM ledger_entry") == 0
    assert await badges_of(ALICE) == {}


async def credit_and_look_away() -> None:
    async with unit_of_work():
        with suppress(ZeroDivisionError):
            await credit_and_fail()


async def test_a_caught_failure_inside_dooms_the_whole():
    with pytest.raises(Doomed):
        await credit_and_look_away()

    assert await fetchval("SELECT count(*) FROM ledger_entry") == 0


@pytest.mark.parametrize("sql", ["UPDATE ledger_entry SET points = 0", "DELETE FROM ledger_entry"])
async def test_the_ledger_only_grows(sql, owner):  # I3
    await credit(activity("post", "1", NOON))

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(sql)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute(sql)


async def test_a_late_activity_moves_an_award_to_when_it_was_earned():
    for number in range(2, 6):
        await credit(activity("comment", str(number), NOON + timedelta(days=number)))
    await credit(activity("comment", "late", NOON))

    assert (await badges_of(ALICE))["commentator"] == NOON + timedelta(days=4)


async def test_a_late_vote_on_an_earlier_answer_shows_that_a_revival_never_was():
    asked = activity("post", "q", NOON, subject="q", member_id=CHIARA)
    bobs = activity("answer", "b", NOON, subject="b", parent="q", member_id=BOB)
    alices = activity("answer", "a", NOON + timedelta(days=3), subject="a", parent="q")
    vote = activity("vote", "v", NOON + timedelta(days=4), subject="a")
    await credit_many([asked, bobs, alices, vote])
    assert "revival a" in await badges_of(ALICE)

    await credit(activity("vote", "w", NOON + timedelta(days=1), subject="b", member_id=BOB))

    assert "revival a" not in await badges_of(ALICE)
    assert await replay.check() == []


async def test_a_late_question_revives_an_answer():
    answer = activity("answer", "a", NOON + timedelta(days=3), subject="a", parent="q")
    await credit_many([answer, activity("vote", "v", NOON + timedelta(days=4), subject="a")])
    assert "revival a" not in await badges_of(ALICE)

    await credit(activity("post", "q", NOON, subject="q", member_id=CHIARA))

    assert "revival a" in await badges_of(ALICE)


async def test_a_reversal_takes_back_points_and_badge_once():  # I6
    post = await credit(activity("post", "1", NOON))
    assert post.entry_id is not None

    assert await reverse([post.entry_id], reason="spam") == [post.entry_id]
    assert await reverse([post.entry_id], reason="spam") == []

    assert await points_of(ALICE) == await ledger_points_of(ALICE) == 0
    assert await badges_of(ALICE) == {}
    [taken] = await fetch("SELECT taken_back_at FROM award WHERE badge = 'first-post'")
    assert taken["taken_back_at"] is not None
    rows = await fetch("SELECT quantity, points FROM ledger_entry ORDER BY id")
    assert [tuple(row) for row in rows] == [(1, 5), (-1, -5)]


async def test_twenty_reversals_at_once_write_one_inverse():  # I6
    post = await credit(activity("post", "1", NOON))
    ids = [post.entry_id] if post.entry_id else []
    done = await asyncio.gather(*(reverse(ids, reason="spam") for _ in range(20)))

    assert sorted(map(len, done)) == [0] * 19 + [1]
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 2


async def test_a_reversal_leaves_its_place_below_the_cap_to_another():
    answers = await credit_many([activity("comment", str(number), NOON) for number in range(3)])
    first = answers[0].entry_id
    assert first is not None

    await reverse([first], reason="spam")

    assert await points_of(ALICE) == await ledger_points_of(ALICE) == 3


async def test_who_was_reversed_stays_in_the_tier_for_its_grace():
    answers = await credit_many(
        [
            activity("post", "1", NOON),
            activity("post", "2", NOON),
            activity("post", "3", NOON + timedelta(days=1)),
        ]
    )
    before = clock.now()
    await reverse([answers[0].entry_id or 0, answers[1].entry_id or 0], reason="spam")

    [held] = await fetch("SELECT tier, lapses_at FROM tier_held WHERE member_id = $1", ALICE)
    assert held["tier"] == "friend"
    assert held["lapses_at"] >= before + timedelta(days=30)
    assert await replay.check() == []


async def test_a_badge_that_another_rests_on_takes_it_along():
    told = [activity("comment", str(number), NOON) for number in range(4)]
    votes = [activity("vote", f"v{number}", NOON, subject="p") for number in range(2)]
    answers = await credit_many([*told, *votes])
    assert "both" in await badges_of(ALICE)

    await reverse([answers[0].entry_id or 0], reason="spam")

    assert "both" not in await badges_of(ALICE)


async def test_merging_carries_over_and_counts_what_both_had_once():
    await credit_many([activity("post", "1", NOON), activity("post", "2", NOON)])
    await credit_many(
        [
            activity("post", "1", NOON, member_id=BOB),
            activity("comment", "3", date(2026, 11, 1), member_id=BOB),
        ]
    )

    assert await move_everything(BOB, ALICE) == 2

    assert await points_of(BOB) == 0
    assert await badges_of(BOB) == {}
    assert await points_of(ALICE) == await ledger_points_of(ALICE) == 12
    assert await replay.check() == []


async def test_a_clock_that_jumps_awards_nothing_twice():  # I10
    with clock.shifted(timedelta(minutes=10)):
        await credit(activity("post", "1", NOON))
    with clock.shifted(-timedelta(minutes=10)):
        again = await credit(activity("post", "1", NOON))

    assert again.status == "duplicate"
    assert await fetchval("SELECT count(*) FROM award WHERE badge = 'first-post'") == 1


async def test_badges_are_there_once_however_they_are_earned():  # I5
    told = [activity("comment", str(number), NOON) for number in range(40)]
    await asyncio.gather(*(credit_many(told[start::8]) for start in range(8)))

    assert await fetchval("SELECT count(*) FROM award WHERE badge = 'commentator'") == 1


async def test_the_number_of_statements_doesnt_grow_with_the_batch(statements):
    def told(n: int, name: str):
        return [
            activity("comment", f"{name}{number}", NOON, member_id=who)
            for number, who in enumerate([ALICE, BOB, CHIARA] * n)
        ]

    await credit_many(told(20, "warm"))
    with statements() as few:
        await credit_many(told(1, "few"))
    with statements() as many:
        await credit_many(told(300, "many"))

    assert len(many) <= len(few)


async def test_an_hour_is_the_members_also_over_the_midnight_of_the_programme():
    """23:50 and 00:10 in Paris are one hour in Kathmandu (I8)."""
    await execute("UPDATE preferences SET time_zone = 'Asia/Kathmandu' WHERE member_id = $1", ALICE)
    before, after = NOON.replace(hour=22, minute=50), NOON.replace(hour=23, minute=10)

    late = await credit(activity("answer", "1", after, subject="a1"))
    first = await credit(activity("answer", "2", before, subject="a2"))
    assert (late.points, first.points, first.reason) == (3, 0, "cool_down")
    assert await points_of(ALICE) == await ledger_points_of(ALICE) == 3

    await reverse([late.entry_id or 0], reason="it never happened")
    assert await points_of(ALICE) == await ledger_points_of(ALICE) == 3
    assert await replay.check() == []
