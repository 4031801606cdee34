"""What a member is told about where they stand, over HTTP."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gamification.catalogue.publishing import publish
from gamification.credit import credit_many, reverse
from ground import clock
from tests.gamification.programme import activity, catalogue

NOW = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
async def alice(client, sign_in, join) -> UUID:
    """Alice, who joined a programme with the tests' catalogue."""
    await publish(catalogue(), to_the_past=True)
    member_id: UUID = await join("alice", "Alice")
    return member_id


def mine(alice, kind, key, days_ago=0, **more):
    return activity(kind, key, NOW - timedelta(days=days_ago), member_id=alice, **more)


async def test_who_did_nothing_yet_starts_from_nothing(client, sign_in, alice):
    standing = (await client.get("/v1/me/standing", headers=sign_in("alice"))).json()

    assert standing["points"] == 0
    assert standing["tier"] is None
    assert standing["next_tier"]["slug"] == "friend"
    [missing] = standing["next_tier"]["missing"]
    assert (missing["have"], missing["need"]) == (0, 10)
    assert standing["streaks"]["day"] == {"current": 0, "best": 0}


async def test_a_standing_tells_tier_streak_and_what_is_missing(client, sign_in, alice):
    with clock.frozen(NOW):
        await credit_many([mine(alice, "post", str(n), days_ago=n) for n in range(3)])
        answer = await client.get("/v1/me/standing", headers=sign_in("alice"))

    standing = answer.json()
    assert standing["points"] == 15
    assert standing["tier"]["slug"] == "friend"
    assert standing["streaks"]["day"] == {"current": 3, "best": 3}
    assert standing["last_active_on"] == "2026-11-05"
    assert standing["next_tier"]["slug"] == "companion"
    assert [(need["have"], need["need"]) for need in standing["next_tier"]["missing"]] == [(15, 20)]


async def test_rest_takes_nothing_but_the_streak_that_goes_on(client, sign_in, alice):  # R18, R19
    with clock.frozen(NOW):
        await credit_many([mine(alice, "post", str(n), days_ago=n) for n in range(3)])
    with clock.frozen(NOW + timedelta(days=50)):
        standing = (await client.get("/v1/me/standing", headers=sign_in("alice"))).json()

    assert standing["points"] == 15
    assert standing["tier"]["slug"] == "friend"
    assert standing["streaks"]["day"] == {"current": 0, "best": 3}


async def test_the_ledger_has_a_line_for_each_activity_and_its_reason(client, sign_in, alice):
    with clock.frozen(NOW):
        answers = await credit_many([mine(alice, "comment", str(n)) for n in range(3)])
        await reverse([answers[0].entry_id or 0], reason="sent by mistake")
    page = (await client.get("/v1/me/activities?limit=2", headers=sign_in("alice"))).json()
    rest = await client.get(
        "/v1/me/activities", params={"cursor": page["next_cursor"]}, headers=sign_in("alice")
    )

    inverse, capped = page["items"]
    assert inverse["reverses"] == str(answers[0].entry_id)
    assert inverse["reason"] == "sent by mistake"
    assert (capped["points"], capped["reason"]) == (0, "daily_cap")
    assert [line["points"] for line in rest.json()["items"]] == [1, 2]
    assert rest.json()["next_cursor"] is None


async def test_a_badge_says_what_is_missing_and_then_what_earned_it(client, sign_in, alice):
    headers = sign_in("alice") | {"Accept-Language": "en"}
    with clock.frozen(NOW):
        answers = await credit_many([mine(alice, "comment", str(n)) for n in range(3)])
        before = (await client.get("/v1/me/badges/commentator", headers=headers)).json()
        answers += await credit_many([mine(alice, "comment", "last")])
        after = (await client.get("/v1/me/badges/commentator", headers=headers)).json()

    assert before["held"] is False
    [missing] = before["missing"]
    assert (missing["words"], missing["have"], missing["need"]) == ("4 comments", 3, 4)
    assert after["held"] is True
    assert after["missing"] == []
    [award] = after["awards"]
    assert award["version"] == 1
    assert [each["id"] for each in award["activities"]] == [str(a.entry_id) for a in answers]


async def test_a_badge_on_a_subject_speaks_of_the_one_that_is_furthest(client, sign_in, alice):
    votes = [mine(alice, "vote", f"v{n}", subject=f"post:{n}") for n in range(2)]
    with clock.frozen(NOW):
        await credit_many([*votes, mine(alice, "vote", "w", subject="post:1", quantity=-1)])
        why = (await client.get("/v1/me/badges/nice", headers=sign_in("alice"))).json()

    assert [(need["have"], need["need"]) for need in why["missing"]] == [(1, 2)]


async def test_a_badge_that_was_taken_back_says_so(client, sign_in, alice):
    with clock.frozen(NOW):
        [answer] = await credit_many([mine(alice, "post", "1")])
        await reverse([answer.entry_id or 0], reason="spam")
        why = (await client.get("/v1/me/badges/first-post", headers=sign_in("alice"))).json()

    assert why["held"] is False
    assert [each["taken_back_at"] for each in why["taken_back"]] == ["2026-11-05T12:00:00Z"]


async def test_badges_are_listed_the_newest_first_page_by_page(client, sign_in, alice):
    with clock.frozen(NOW):
        await credit_many([mine(alice, "post", "1", days_ago=9)])
        await credit_many([mine(alice, "comment", str(n)) for n in range(4)])
    headers = sign_in("alice")
    seen, cursor = [], None
    while cursor is not None or not seen:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/me/badges", params=params, headers=headers)).json()
        seen += [badge["slug"] for badge in page["items"]]
        cursor = page["next_cursor"]

    assert sorted(seen[:2]) == ["burst", "commentator"]
    assert sorted(seen[2:]) == ["first-post", "unblemished"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/v1/me/badges/no-such", 404, "badge_not_found", id="no such badge"),
        pytest.param("/v1/me/badges?cursor=x", 422, "cursor_invalid", id="a made-up cursor"),
        pytest.param("/v1/me/activities?cursor=W10", 422, "cursor_invalid", id="an empty cursor"),
        pytest.param("/v1/me/activities?limit=101", 422, "invalid", id="too many at once"),
        pytest.param("/v1/me/activities?limit=x", 422, "invalid", id="no number"),
    ],
)
async def test_what_isnt_there_or_isnt_right(client, sign_in, alice, path, status, code):
    answer = await client.get(path, headers=sign_in("alice"))

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/v1/me/standing", "/v1/me/activities", "/v1/me/badges"])
async def test_these_are_for_members(client, sign_in, path, database):
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers=sign_in("nobody"))).status_code == 403


async def test_each_route_sends_as_many_statements_for_much_as_for_little(
    client, sign_in, alice, statements
):
    paths = ["/v1/me/standing", "/v1/me/activities", "/v1/me/badges", "/v1/me/badges/nice"]
    headers = sign_in("alice")

    async def sent() -> list[int]:
        counts = []
        for path in paths:
            await client.get(path, headers=headers)
            with statements() as these:
                await client.get(path, headers=headers)
            counts.append(len(these))
        return counts

    with clock.frozen(NOW):
        posts = [mine(alice, "post", str(n), days_ago=n) for n in range(3)]
        await credit_many([*posts, mine(alice, "vote", "0", subject="post:0")])
        few = await sent()
        told = [mine(alice, "comment", f"c{n}", days_ago=n, subject=f"p:{n}") for n in range(90)]
        votes = [mine(alice, "vote", f"v{n}", subject=f"post:{n % 30}") for n in range(90)]
        await credit_many([*told[:1], *votes])
        await credit_many([*told, *votes])
        many = await sent()

    assert (few, max(many) <= max(few)) == (few, True)
