"""The demo: enough to look at, made through the doors that everybody uses."""

from datetime import UTC, datetime, timedelta

import pytest

from gamification.recognition import replay
from ground.engine import fetch, fetchval
from server.seed.demo import AMBASSADOR_UID, STAFF_UID, seed_if_empty
from server.seed.months import three_months
from server.seed.people import PEOPLE
from tests.community.people import joined

SOME_EVENING = datetime(2026, 3, 29, 20, 30, tzinfo=UTC)


async def test_the_demo_is_a_small_living_community(client, sign_in):
    assert await seed_if_empty()

    states = await fetch("SELECT state, count(*) AS n FROM member GROUP BY state")
    assert {row["state"]: row["n"] for row in states} == {"active": 41, "unclaimed": 3, "left": 1}
    populations = await fetch("SELECT DISTINCT population FROM player")
    assert {row["population"] for row in populations} == {"customer", "employee", "partner"}
    assert {row["locale"] for row in await fetch("SELECT locale FROM preferences")} == {"fr", "en"}
    assert await fetchval("SELECT count(*) FROM charter_acceptance WHERE channel = 'demo'") == 42
    assert await fetchval("SELECT count(*) FROM ledger_entry WHERE reverses IS NULL") > 1000
    assert await fetchval("SELECT count(*) FROM ledger_entry WHERE reverses IS NOT NULL") >= 4
    late = "recorded_at > occurred_at + interval '8 days' AND reverses IS NULL"
    assert await fetchval(f"SELECT count(*) FROM ledger_entry WHERE {late}") > 10
    assert await replay.check() == []

    challenges = await client.get("/v1/challenges", headers=sign_in(AMBASSADOR_UID))
    everybodys, of_squads = sorted(
        challenges.json()["items"], key=lambda each: each["team"] != "community"
    )
    assert 20 < everybodys["progress"]["percent"] < 80
    assert everybodys["progress"]["helpers"] > 10
    assert of_squads["mine"]["takes_part"]
    assert of_squads["progress"]["done"] > 5

    standing = await client.get("/v1/me/standing", headers=sign_in(AMBASSADOR_UID))
    assert standing.status_code == 200
    assert standing.json()["points"] > 500
    me = await client.get("/v1/me", headers=sign_in(STAFF_UID))
    assert me.json()["role"] == "manager"


async def test_where_somebody_is_already_nothing_is_seeded(database):
    await joined("alice", "Alice")

    assert not await seed_if_empty()

    assert await fetchval("SELECT count(*) FROM member") == 1
    assert await fetchval("SELECT count(*) FROM publication") == 0


async def test_a_seeding_that_fails_leaves_nothing(database, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("the power is gone")

    monkeypatch.setattr("server.seed.demo.three_months", fail)
    with pytest.raises(OSError, match="the power is gone"):
        await seed_if_empty()

    assert await fetchval("SELECT count(*) FROM member") == 0
    assert await fetchval("SELECT count(*) FROM publication") == 0


def test_the_same_evening_tells_the_same_story_twice():
    assert three_months(PEOPLE, SOME_EVENING) == three_months(PEOPLE, SOME_EVENING)


def test_nobody_acts_in_the_future_or_before_they_came():
    joined_at = {person.uid: SOME_EVENING - timedelta(days=person.joined) for person in PEOPLE}

    for deed in three_months(PEOPLE, SOME_EVENING):
        assert deed.at <= SOME_EVENING
        assert deed.at > joined_at[deed.uid], deed
