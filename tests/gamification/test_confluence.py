"""Recognition is a function of the set of entries, not of their arrival (I9).

Hypothesis draws communities, cuts their history into batches in any order, repeats and
reverses. What is kept must be the same each time, and what replay works out from the ledger.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gamification.catalogue.publishing import publish
from gamification.credit import credit_many, reverse
from gamification.ledger.activity import Activity
from gamification.recognition import kept, replay
from ground import clock
from ground.engine import fetchval
from tests.conftest import Owner
from tests.gamification.programme import (
    ALICE,
    BOB,
    CHIARA,
    SEASONS,
    activity,
    catalogue,
    set_up,
)

START = datetime(2026, 10, 1, tzinfo=UTC)
PEOPLE = [ALICE, BOB, CHIARA]
FOLLOWS_FROM_ENTRIES = [name for name in kept.BY_NAME if name != "tier_held"]

moments = st.integers(0, 8 * 48).map(lambda half_hours: START + timedelta(minutes=30 * half_hours))
people = st.sampled_from(PEOPLE)
few = st.integers(0, 1)


@st.composite
def deeds(draw, key: str) -> Activity:
    """Something that somebody did."""
    kind = draw(st.sampled_from(["post", "answer", "vote", "vote", "vote", "comment"]))
    who, at = draw(people), draw(moments)
    mine = PEOPLE.index(who)
    match kind:
        case "post":
            return activity(kind, key, at, member_id=who, subject=f"q{mine}.{draw(few)}")
        case "answer":
            parent = f"q{draw(st.integers(0, 2))}.{draw(few)}"
            subject = f"a{mine}.{draw(few)}"
            return activity(kind, key, at, member_id=who, subject=subject, parent=parent)
        case "vote":
            subject = draw(st.sampled_from(["a", "q"])) + f"{mine}.{draw(few)}"
            only_day = draw(st.booleans())
            return activity(
                kind,
                key,
                at.date() if only_day else at,
                member_id=who,
                subject=subject,
                quantity=draw(st.sampled_from([1, 1, -1])),
                giver=draw(st.sampled_from("abc")),
                bad=draw(st.integers(0, 9)) == 0,
            )
        case _:
            return activity(kind, key, at, member_id=who)


@st.composite
def histories(draw) -> tuple[list[Activity], list[str], list[list[Activity]], list[list[str]]]:
    """What happened, what of it is reversed, and two orders in which the ledger hears of it."""
    n = draw(st.integers(1, 30))
    told = [draw(deeds(str(number))) for number in range(n)]
    gone = draw(st.lists(st.sampled_from([each.key for each in told]), unique=True, max_size=4))
    orders = [draw(st.permutations(told)) for _ in range(2)]
    reversals = [draw(st.permutations(gone)) for _ in range(2)]
    return told, gone, orders, reversals


def in_batches(told: list[Activity], sizes: list[int]) -> list[list[Activity]]:
    batches: list[list[Activity]] = []
    start = 0
    while start < len(told):
        size = sizes[len(batches) % len(sizes)]
        # Each batch repeats the last entry before it.
        batches.append(told[max(0, start - 1) : start + size])
        start += size
    return batches


async def outcome(
    owner: Owner, order: list[Activity], sizes: list[int], reversals: list[str]
) -> dict[str, Any]:
    """What is kept after this arrival, without the ids of entries."""
    await owner.execute(
        """
        SET session_replication_role = replica;
        DELETE FROM ledger_entry; DELETE FROM tally; DELETE FROM day_tally; DELETE FROM day_in_flow;
        DELETE FROM value_in_flow; DELETE FROM active_day; DELETE FROM award;
        DELETE FROM tier_held; DELETE FROM standing; DELETE FROM board_points;
        SET session_replication_role = origin
        """
    )
    ids: dict[str, int] = {}
    for batch in in_batches(order, sizes):
        for told, credited in zip(batch, await credit_many(batch), strict=True):
            assert credited.entry_id is not None
            ids[told.key] = credited.entry_id
    for key in reversals:
        await reverse([ids[key]], reason="it never happened")
    assert await replay.check() == []
    assert await fetchval("SELECT coalesce(sum(points), 0) FROM ledger_entry") == await fetchval(
        "SELECT coalesce(sum(points), 0) FROM standing"
    )
    rows = await kept.read(PEOPLE, clock.now())
    without_ids = {key: values[:3] for key, values in rows["award"].items()}
    tiers = {key: values[:3] for key, values in rows["tier_held"].items()}
    return {
        **{table: rows[table] for table in FOLLOWS_FROM_ENTRIES},
        "award": without_ids,
        # Grace runs from when something was reversed, which differs between two runs.
        "tier_held": tiers if not reversals else {},
    }


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(histories(), st.lists(st.sampled_from([1, 2, 5, 20]), min_size=1, max_size=5))
async def test_any_order_ends_in_the_same_recognition(programme, owner, drawn, sizes):
    _, _, orders, reversals = drawn

    first = await outcome(owner, list(orders[0]), sizes, list(reversals[0]))
    second = await outcome(owner, list(orders[1]), sizes[::-1], list(reversals[1]))

    assert first == second


@pytest.fixture
async def programme(database):
    await set_up()
    await publish(catalogue(SEASONS), to_the_past=True)
