"""What holds of facts and points whoever asks at once, seen over HTTP."""

import asyncio
from collections import Counter

import pytest

from community.keys import service as keys
from community.keys.scopes import Scope
from community.members.importing import ImportedPerson, import_members
from gamification.catalogue.publishing import publish
from ground.callers import Caller, CallerKind
from ground.engine import execute, fetch, fetchval
from ground.roles import Role
from tests.community.people import joined
from tests.gamification.programme import JOINED, catalogue

OPERATOR = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="tests")
PEOPLE = [f"external:shop:{n}" for n in range(7)]


@pytest.fixture
async def tell(client):
    """Tell of one activity, as the brand's shop does."""
    await publish(catalogue(), to_the_past=True)
    found = await import_members(
        "shop", [ImportedPerson(external_id=str(n), known_since=JOINED) for n in range(len(PEOPLE))]
    )
    assert len(found) == len(PEOPLE)
    await execute("UPDATE player SET state = 'active', visibility = 'name'")
    made = await keys.create("Shop", "shop", [Scope.ACTIVITIES_WRITE], by=OPERATOR)
    system = {"X-API-Key": made.secret}

    async def told(kind, key, *, member=PEOPLE[0], at="2026-10-20T10:00:00Z", **headers):
        one = {"key": key, "member": member, "kind": kind, "occurred_at": at}
        body = {"activities": [one]}
        while True:
            answer = await client.post("/v1/activities", json=body, headers=system | headers)
            # A busy machine may say so, and then one comes back.
            if answer.status_code != 503:
                return answer

    told.system = system
    return told


async def points():
    return await fetchval("SELECT coalesce(sum(points), 0)::int FROM standing")


async def test_fifty_calls_at_once_stay_below_the_cap(tell):
    """I8: two points each, and three a day."""
    answers = await asyncio.gather(*(tell("comment", str(n)) for n in range(50)))

    results = [answer.json()["results"][0] for answer in answers]
    assert {result["status"] for result in results} == {"recorded"}
    assert sum(result["points"] for result in results) == 3
    assert Counter(result["reason"] for result in results if result["points"] < 2) == {
        "daily_cap": 49
    }
    assert await points() == 3
    assert await fetchval("SELECT sum(points)::int FROM ledger_entry") == 3


async def test_fifty_calls_at_once_with_one_idempotency_key_are_one(tell):
    """I2."""
    answers = await asyncio.gather(
        *(tell("post", "1", **{"Idempotency-Key": "k"}) for _ in range(50))
    )
    later = await tell("post", "1", **{"Idempotency-Key": "k"})

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 409)
    assert {answer.content for answer in answers if answer.status_code == 200} == {later.content}
    assert later.json()["results"][0]["status"] == "recorded"
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 1


async def test_fifty_calls_at_once_with_one_key_score_once(tell):
    """I4."""
    answers = await asyncio.gather(*(tell("post", "1") for _ in range(50)))

    told = Counter(answer.json()["results"][0]["status"] for answer in answers)
    assert told == {"recorded": 1, "duplicate": 49}
    assert await points() == 5


async def test_fifty_reversals_at_once_take_back_once_and_never_below_zero(client, tell):
    """I6, I7: points are the only thing there is to take too much of."""
    made = [(await tell("post", str(n))).json()["results"][0]["id"] for n in range(3)]
    assert await points() == 12

    answers = await asyncio.gather(
        *(
            client.put(f"/v1/activities/{made[n % 3]}/reversal", json={}, headers=tell.system)
            for n in range(50)
        )
    )

    assert {answer.status_code for answer in answers} == {200}
    assert await points() == 0
    assert await fetchval("SELECT min(points) FROM standing") == 0
    assert await fetchval("SELECT count(*) FROM ledger_entry WHERE reverses IS NOT NULL") == 3
    assert await fetchval("SELECT sum(points)::int FROM ledger_entry") == 0


async def test_every_balance_is_the_sum_of_its_ledger(client, tell):
    """I3: after posts, comments, duplicates and reversals by many at once."""
    answers = await asyncio.gather(
        *(
            tell(["post", "comment", "answer"][n % 3], str(n % 30), member=PEOPLE[n % 7])
            for n in range(40)
        )
    )
    made = [answer.json()["results"][0]["id"] for answer in answers]
    await asyncio.gather(
        *(
            client.put(f"/v1/activities/{entry}/reversal", json={}, headers=tell.system)
            for entry in made[::4]
        )
    )

    assert (
        await fetch(
            "SELECT FROM standing s JOIN (SELECT member_id, sum(points) AS points"
            " FROM ledger_entry GROUP BY 1) l USING (member_id) WHERE s.points <> l.points"
        )
        == []
    )
    assert await points() == await fetchval("SELECT sum(points)::int FROM ledger_entry") > 0


async def test_a_badge_is_there_once_however_many_facts_complete_it(tell):
    """I5."""
    answers = await asyncio.gather(*(tell("post", str(n)) for n in range(20)))

    awarded = [badge for a in answers for badge in a.json()["results"][0]["awards"]]
    assert awarded.count("first-post") == 1
    assert await fetchval("SELECT count(*) FROM award WHERE badge = 'first-post'") == 1


async def test_a_leap_day_is_a_day_like_any_other(tell):
    """I10: the day before, the day and the day after are three in a row."""
    for day in ("2024-02-28", "2024-02-29", "2024-03-01"):
        await tell("comment", day, at=f"{day}T12:00:00Z")

    assert await fetchval("SELECT streaks->'day'->>'best' FROM standing WHERE points > 0") == "3"


async def test_whoever_pages_through_a_board_meets_everybody_once(client, tell, sign_in):
    """I11: and a place is one more than those who have more."""
    members = [await joined(f"uid-{n}", f"Camille {n:02}") for n in range(14)]
    await execute("UPDATE player SET visibility = 'name'")
    for n, member in enumerate(members):
        for kind in ["post", "answer", "comment"][: n % 4]:
            assert (await tell(kind, f"{n}-{kind}", member=str(member))).status_code == 200
    lines, cursor = [], None
    while True:
        page = await client.get(
            "/v1/boards/all",
            headers=sign_in("uid-3"),
            params={"limit": 4} | ({"cursor": cursor} if cursor else {}),
        )
        assert page.status_code == 200, page.text
        lines += page.json()["items"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break

    listed = [line["name"] for line in lines]
    assert len(listed) == len(set(listed))
    have = [line["points"] for line in lines]
    assert have == sorted(have, reverse=True)
    assert len(have) == sum(n % 4 > 0 for n in range(len(members)))
    assert [line["place"] for line in lines] == [
        1 + sum(more > own for more in have) for own in have
    ]
