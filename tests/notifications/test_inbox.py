"""The inbox over HTTP, and what members decide about it."""

from datetime import timedelta

import pytest

from ground import clock
from ground.engine import execute, fetchval
from ground.unit_of_work import unit_of_work
from notifications.notify import notify
from tests.notifications.told import FIRST, NOON, SECOND, ask, earn, sent

ROUTE = "/v1/me/notifications"
MINUTE = timedelta(minutes=1)
REASON = {"fr": "Un doute.", "en": "A doubt."}


@pytest.fixture(autouse=True)
def noon():
    with clock.frozen(NOON):
        yield


@pytest.fixture
async def alice(join):
    return await join("alice", "Alice")


@pytest.fixture
def call(client, sign_in):
    async def called(method, path="", uid="alice", language="en", **more):
        headers = sign_in(uid) | {"Accept-Language": language}
        return await client.request(method, f"{ROUTE}{path}", headers=headers, **more)

    return called


async def held(member_id):
    async with unit_of_work():
        await notify(member_id, "activity.held", activity="7", reason=REASON)


async def test_what_came_is_read_in_ones_language(call, alice):
    await earn(alice)
    page = (await call("GET")).json()
    assert page["unread"] == 1
    [message] = page["items"]
    assert message["title"] == "New badge: First review"
    assert message["link"] == "/me/badges/first"
    assert (message["kind"], message["likes"], message["read_at"]) == ("news", 1, None)

    page = (await call("GET", language="fr")).json()
    assert page["items"][0]["title"] == "Nouveau badge : Première critique"


async def test_pages_show_each_message_once_while_others_come(call, alice):
    """I11."""
    for number in range(5):
        with clock.frozen(NOON + number * MINUTE):
            await earn(alice, f"badge-{number}")
            await execute("UPDATE notification SET collapse_key = ''")
    first = (await call("GET", params={"limit": 2})).json()
    await earn(alice, "late")
    rest = (await call("GET", params={"cursor": first["next_cursor"]})).json()
    links = [each["link"] for each in first["items"] + rest["items"]]
    assert links[:5] == [f"/me/badges/badge-{number}" for number in (4, 3, 2, 1, 0)] or set(
        links[:4]
    ) == {f"/me/badges/badge-{number}" for number in (4, 3, 2, 1)}
    assert len(set(links)) == len(links)
    assert rest["next_cursor"] is None


async def test_reading_once_and_all(call, alice):
    await earn(alice)
    await held(alice)
    [_, first] = (await call("GET")).json()["items"]
    for _ in range(2):
        assert (await call("PUT", f"/{first['id']}/read")).status_code == 204
    assert (await call("GET", "/unread")).json() == {"unread": 1}
    unread = (await call("GET", params={"unread": True})).json()["items"]
    assert [each["category"] for each in unread] == ["activity.held"]

    before = (NOON - MINUTE).isoformat()
    assert (await call("PUT", "/read", params={"until": before})).status_code == 204
    assert (await call("GET", "/unread")).json() == {"unread": 1}
    assert (await call("PUT", "/read")).status_code == 204
    assert (await call("GET", "/unread")).json() == {"unread": 0}


async def test_what_is_put_away_is_not_listed(call, alice):
    await earn(alice)
    [message] = (await call("GET")).json()["items"]
    assert (await call("PUT", f"/{message['id']}/archived")).status_code == 204
    assert (await call("GET")).json() == {"items": [], "next_cursor": None, "unread": 0}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "read"),
        ("PUT", "archived"),
        ("PUT", "declined"),
        ("POST", "less"),
        ("GET", "why"),
    ],
)
async def test_anothers_message_is_not_there(call, alice, join, method, path):
    """T1."""
    await join("bob", "Bob")
    await earn(alice)
    mine = await fetchval("SELECT id FROM notification")
    for message in (mine, 2**63 - 1):
        answer = await call(method, f"/{message}/{path}", uid="bob")
        assert (answer.status_code, answer.json()["code"]) == (404, "notification_not_found")


async def test_a_name_is_said_only_of_who_wants_to_be_seen(call, alice, join, client, sign_in):
    """I25."""
    bob, chiara = await join("bob", "Bob Dupont"), await join("chiara", "Chiara Rossi")
    await client.patch("/v1/me", json={"visibility": "name"}, headers=sign_in("bob"))
    for by in (bob, chiara):
        async with unit_of_work():
            await notify(alice, "thanks.received", by=by)
        title = (await call("GET")).json()["items"][0]["title"]
        assert "Chiara" not in title
    assert title == "Bob Dupont and 1 other thanked you"


async def test_less_of_it_silences_the_loudest_first(call, alice, client, sign_in):
    await earn(alice)
    [message] = (await call("GET")).json()["items"]
    said = [(await call("POST", f"/{message['id']}/less")).json() for _ in range(3)]
    assert [each["switched_off"] for each in said] == ["push", "digest", None]
    assert await sent(NOON + 10 * MINUTE) == []

    answer = await client.get("/v1/me/preferences", headers=sign_in("alice"))
    [badges] = [e for e in answer.json()["categories"] if e["category"] == "badge.earned"]
    assert badges["channels"] == {"inbox": True, "live": True, "push": False, "digest": False}

    await held(alice)
    message = (await call("GET", params={"unread": True})).json()["items"][0]
    answer = await call("POST", f"/{message['id']}/less")
    assert (answer.status_code, answer.json()["code"]) == (409, "always_said")


async def test_a_no_is_heard_once_and_makes_the_next_asking_wait(call, alice):
    await ask(alice)
    assert len(await sent(NOON + 10 * MINUTE)) == 1
    [message] = (await call("GET")).json()["items"]
    assert message["kind"] == "solicitation"
    for _ in range(2):
        assert (await call("PUT", f"/{message['id']}/declined")).status_code == 204
    assert await fetchval("SELECT noes FROM attention_refusal") == 1
    with clock.frozen(NOON + 11 * MINUTE):
        await ask(alice, "2")
    assert await sent(NOON + 30 * MINUTE) == []
    [waits] = (await call("GET", "/held-back")).json()["items"]
    assert waits["why"] == "said_no"
    assert waits["says"].startswith("You said no to this before")
    story = (await call("GET", f"/{waits['id']}/why", language="fr")).json()
    assert story["shown_at"] is None
    assert story["steps"][-1]["outcome"] == "dropped"
    assert story["steps"][-1]["says"].startswith("Vous avez déjà dit non")

    await earn(alice)
    news = (await call("GET", params={"unread": True})).json()["items"][0]
    assert (await call("PUT", f"/{news['id']}/declined")).status_code == 404


async def test_a_member_sees_why_something_came_later(call, alice):
    await earn(alice)
    await execute("UPDATE preferences SET paused_until = $1", NOON + 60 * MINUTE)
    await sent(NOON + 10 * MINUTE)
    await sent(NOON + 60 * MINUTE)
    [message] = (await call("GET")).json()["items"]
    steps = (await call("GET", f"/{message['id']}/why")).json()["steps"]
    assert [(each["channel"], each["outcome"], each["why"]) for each in steps] == [
        ("push", "deferred", "paused"),
        ("push", "sent", "sent"),
    ]
    assert steps[0]["until"] == "2026-11-25T15:00:00Z"


async def test_who_leaves_is_forgotten(call, alice, client, sign_in):
    """I47."""
    await earn(alice)
    await ask(alice)
    await sent(NOON + 10 * MINUTE)
    assert (await client.delete("/v1/me", headers=sign_in("alice"))).status_code == 200
    for table in ("notification", "outbox", "delivery_line", "attention", "attention_spend"):
        assert await fetchval(f"SELECT count(*) FROM {table}") == 0, table


@pytest.mark.parametrize("cursor", ["nonsense", "WzQyXQ", ""])
async def test_a_cursor_of_another_list_is_refused(call, alice, cursor):
    answer = await call("GET", params={"cursor": cursor or "bnVsbA"})
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


async def test_several_badges_are_one_message(call, alice):
    await earn(alice)
    await earn(alice, "writer", SECOND)
    await earn(alice, "first", FIRST)
    [message] = (await call("GET")).json()["items"]
    assert (message["title"], message["likes"]) == ("First review and 2 more badges", 3)
