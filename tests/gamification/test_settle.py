"""What time alone completes, what a publication changes for the past, and what replay mends."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from gamification.credit import credit_many, reverse
from gamification.recognition import mending, replay
from gamification.recognition.settle import settle_by_the_clock
from ground import clock
from ground.engine import execute, fetch, fetchval
from tests.gamification.programme import (
    ALICE,
    BOB,
    CHIARA,
    JOINED,
    activity,
    badges_of,
    points_of,
    set_up,
)
from tests.gamification.steering import MAX

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("programme")

ANNIVERSARY = b"""
[[badge]]
slug = "a-year"
name = { fr = "Un an", en = "A year" }
description = { fr = "Un an avec nous", en = "A year with us" }
criteria = { term = "age", of = "membership", at_least_days = 365 }

[[badge]]
slug = "a-year-and-a-post"
name = { fr = "Un an et un article", en = "A year and a post" }
description = { fr = "Un mot", en = "A word" }
[badge.criteria]
term = "all"
of = [
    { term = "age", of = "membership", at_least_days = 365 },
    { term = "count", kind = "post", at_least = 1 },
]
"""


@pytest.fixture
async def programme(database):
    await set_up()


async def test_a_year_of_membership_is_earned_when_the_year_is_over():
    with clock.frozen(NOON):
        await publish(read_toml(ANNIVERSARY), to_the_past=True)
        await settle_by_the_clock(NOON)
        assert await badges_of(BOB) == {}

    a_year_later = JOINED + timedelta(days=365, hours=3)
    with clock.frozen(a_year_later):
        await settle_by_the_clock(a_year_later)
        await settle_by_the_clock(a_year_later)

        assert await badges_of(BOB) == {"a-year": JOINED + timedelta(days=365)}
        assert await replay.check() == []


async def test_who_did_something_has_the_year_as_soon_as_it_is_over():
    with clock.frozen(NOON):
        await publish(read_toml(ANNIVERSARY), to_the_past=True)
        await credit_many([activity("post", "1", NOON)])
    later = JOINED + timedelta(days=400)
    with clock.frozen(later):
        await settle_by_the_clock(later)

        assert (await badges_of(ALICE))["a-year-and-a-post"] == JOINED + timedelta(days=365)
        assert "a-year-and-a-post" not in await badges_of(BOB)


async def test_a_tier_ends_when_its_grace_is_over_and_not_before():
    with clock.frozen(NOON):
        told = [activity("post", str(n), NOON - timedelta(days=n)) for n in range(2)]
        answers = await credit_many(told)
        await reverse([answers[0].entry_id or 0], reason="spam")
    for days, held in ((29, 1), (31, 0)):
        later = NOON + timedelta(days=days)
        with clock.frozen(later):
            await settle_by_the_clock(later)
            assert await fetchval("SELECT count(*) FROM tier_held") == held
            assert await replay.check() == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE standing SET points = points + 1",
        "UPDATE tally SET n = n + 1 WHERE id = (SELECT min(id) FROM tally)",
        "DELETE FROM award WHERE badge = 'first-post'",
        "UPDATE award SET awarded_at = awarded_at + interval '1 day' WHERE badge = 'commentator'",
        "INSERT INTO award (member_id, badge, awarded_at, version, recorded_at)"
        " SELECT member_id, 'burst', awarded_at, 1, now() FROM award LIMIT 1",
        "DELETE FROM active_day",
        "UPDATE board_points SET points = points - 1",
        "DELETE FROM tier_held",
        "UPDATE day_tally SET worth = 0",
        "DELETE FROM value_in_flow",
    ],
)
async def test_replay_finds_what_is_wrong_and_mends_it(damage):
    told = [activity("comment", str(n), NOON + timedelta(days=2 * n)) for n in range(4)]
    votes = [activity("vote", f"v{n}", NOON, subject="p", giver=str(n)) for n in range(3)]
    await credit_many([*told, *votes, *(activity("post", f"p{n}", NOON) for n in range(2))])
    assert await replay.check() == []
    await execute(damage)

    assert await replay.check() != []
    mended = await replay.rebuild(by=MAX)

    assert mended > 0
    assert await replay.check() == []
    [row] = await fetch(
        "SELECT actor, role, subject, details FROM audit_entry WHERE action = 'replay.mended'"
    )
    assert tuple(row)[:3] == (MAX.actor, "manager", "recognition")
    told = json.loads(row["details"])
    assert sum(told["rows"].values()) == mended
    assert told["members"] == [str(ALICE)]


async def test_where_nothing_was_wrong_nothing_is_written_down():
    await credit_many([activity("post", "1", NOON)])

    assert await replay.rebuild(by=MAX) == 0
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'replay.mended'") == 0


async def test_a_mending_that_fails_is_not_written_down(monkeypatch):
    await credit_many([activity("post", "1", NOON)])
    await execute("UPDATE standing SET points = 99")
    monkeypatch.setattr(mending, "note_members", _fails)

    with pytest.raises(RuntimeError, match="on the way"):
        await replay.rebuild(by=MAX)
    assert await points_of(ALICE) == 99
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'replay.mended'") == 0


def _fails(_):
    raise RuntimeError("on the way")


async def test_replay_goes_through_everybody_and_says_how_far_it_is():
    heard = []
    await replay.check(progress=lambda done, total: heard.append((done, total)))

    assert heard == [(3, 3)]


async def test_replay_as_of_a_moment_knows_what_was_known_then():
    with clock.frozen(NOON):
        answers = await credit_many([activity("post", "1", NOON)])
    with clock.frozen(NOON + timedelta(days=1)):
        await reverse([answers[0].entry_id or 0], reason="spam")
    await execute("UPDATE publication SET published_at = $1", NOON - timedelta(days=1))

    differences = await replay.check(as_of=NOON + timedelta(hours=1))

    assert ("award", None) in {(each.table, each.stored) for each in differences}
    assert await replay.check() == []


@pytest.mark.parametrize(
    ("moments", "streak"),
    [
        pytest.param(
            ["2026-03-28T22:30:00Z", "2026-03-29T21:30:00Z", "2026-03-30T21:30:00Z"],
            3,
            id="evenings over the night in which clocks go forward",
        ),
        pytest.param(
            ["2026-10-24T21:30:00Z", "2026-10-25T22:30:00Z", "2026-10-26T22:30:00Z"],
            3,
            id="evenings over the night in which they go back",
        ),
        pytest.param(
            ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"], 1, id="the hour that comes twice"
        ),
    ],
)
async def test_clocks_that_change_neither_break_nor_double_a_streak(moments, streak):  # I10
    told = [
        activity("comment", str(number), datetime.fromisoformat(moment))
        for number, moment in enumerate(moments)
    ]
    with clock.frozen(NOON):
        await credit_many(told)

    [row] = await fetch("SELECT streaks->'day'->'best' AS best FROM standing")
    assert row["best"] == str(streak)


async def test_who_travels_keeps_the_days_as_they_were():
    with clock.frozen(NOON):
        await credit_many([activity("comment", "1", datetime(2026, 11, 1, 22, 30, tzinfo=UTC))])
        await execute("UPDATE preferences SET time_zone = 'Asia/Tokyo' WHERE member_id = $1", ALICE)
        await credit_many([activity("comment", "2", datetime(2026, 11, 1, 23, 30, tzinfo=UTC))])

    rows = await fetch("SELECT day::text FROM active_day WHERE member_id = $1 ORDER BY day", ALICE)
    assert [row["day"] for row in rows] == ["2026-11-01", "2026-11-02"]
    assert await replay.check() == []


async def test_a_closed_month_keeps_its_points_and_the_total_goes_on():
    with clock.frozen(NOON):
        await credit_many([activity("post", "1", datetime(2026, 10, 5, 9, tzinfo=UTC))])
        await execute("INSERT INTO closed_period VALUES ('2026-10', $1)", NOON)
    with clock.frozen(NOON + timedelta(hours=1)):
        late = [activity("post", "2", datetime(2026, 10, 6, 9, tzinfo=UTC), member_id=CHIARA)]
        await credit_many([*late, activity("post", "3", datetime(2026, 10, 7, 9, tzinfo=UTC))])
        rows = await fetch(
            "SELECT period, member_id, points FROM board_points"
            " WHERE scope = '*' AND period IN ('2026-10', 'all_time')"
        )

        assert {tuple(row) for row in rows} == {
            ("2026-10", ALICE, 5),
            ("all_time", ALICE, 10),
            ("all_time", CHIARA, 5),
        }
        assert await points_of(ALICE) == 10
        assert await replay.check() == []
