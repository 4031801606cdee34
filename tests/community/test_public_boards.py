"""Boards as pages of public sites read them, and the keys that open them."""

import asyncio
import time
from datetime import UTC, datetime

import pytest

from community.members import service as members
from community.members.views import Change
from community.publishable.key import is_origin
from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from gamification.players.tables import Visibility
from ground import clock
from ground.engine import execute
from ground.roles import Role
from server.sites.kept import SECONDS
from server.sites.pace import Pace
from tests.community.telling import review, tell

KEYS = "/v1/manage/publishable-keys"
MONTH = "/v1/public/boards/month"
SHOP, BLOG = "https://www.shop.example", "https://blog.example"
THIS_MONTH = datetime(2026, 11, 21, tzinfo=UTC)
NEXT_MONTH = datetime(2026, 12, 15, tzinfo=UTC)
MARKUP = "<img src=x onerror=alert(1)>"
BOARDS = """
[[kind]]
slug = "review"
name = { fr = "avis", en = "review" }
points = 5
[[board]]
slug = "month"
name = { fr = "Ce mois-ci", en = "This month" }
description = { fr = "Un mot", en = "A word" }
period = "month"
[[board]]
slug = "ever"
name = { fr = "Toujours", en = "All time" }
description = { fr = "Un mot", en = "A word" }
period = "all_time"
"""


@pytest.fixture
async def boards(database):
    await publish(read_toml(BOARDS.encode()), to_the_past=True)


@pytest.fixture
async def manager(member):
    return (await member("Max", Role.MANAGER)).headers


@pytest.fixture
async def key(client, boards, manager):
    """What a manager made for the shop's pages."""
    wanted = {"name": "The shop", "boards": ["month"], "origins": [SHOP]}
    answer = await client.post(KEYS, json=wanted, headers=manager)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def read(client, key, app):
    """Read a board as a page does; `later` when nothing is kept any more."""

    async def reading(path=MONTH, *, origin=None, later=True, headers=None, **query):
        if later:
            app.state.sites.kept.forget_all()
        more = {"Origin": origin} if origin else {}
        asked = {"key": key["key"]} | query
        return await client.get(path, params=asked, headers=more | (headers or {}))

    return reading


async def appear(who, *, visibility=Visibility.NAME, on_sites=True, **more):
    change = Change(visibility=visibility, public_visibility=on_sites, **more)
    await members.change(who.id, change)


@pytest.fixture
async def points(client, crm):
    async def earn(who, number):
        await tell(client, crm, *[review(who.id, f"{who.uid}-{n}") for n in range(number)])

    return earn


async def test_a_page_reads_who_chose_to_appear_on_public_sites(read, member, points):
    """I25, I46: everybody else is nowhere in it, and takes no place."""
    people = [await member(name) for name in ("Hana", "Abel", "Ines", "Bela", "Cora", "Theo")]
    hana, abel, ines, bela, cora, theo = people
    for who, number in zip(people, (6, 5, 4, 4, 2, 9), strict=True):
        await points(who, number)
    await appear(hana, on_sites=False)
    await appear(theo, visibility=Visibility.HIDDEN, on_sites=False)
    await appear(ines, visibility=Visibility.PSEUDONYM, pseudonym=MARKUP)
    for who in (abel, bela, cora):
        await appear(who)

    with clock.frozen(THIS_MONTH):
        answer = await read(lang="en")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    shown = [(each["place"], each["name"], each["points"]) for each in body.pop("items")]
    assert shown[0] == (1, "Abel", 25)
    assert {*shown[1:3]} == {(2, MARKUP, 20), (2, "Bela", 20)}
    assert shown[3:] == [(4, "Cora", 10)]
    assert body == {
        "board": "month",
        "name": "This month",
        "description": "A word",
        "language": "en",
        "period": "2026-11",
        "season": None,
        "is_closed": False,
    }
    for secret in ("Hana", "Theo", "Ines", *(str(each.id) for each in people)):
        assert secret not in answer.text
    assert "set-cookie" not in answer.headers

    await appear(bela, on_sites=False)
    with clock.frozen(THIS_MONTH):
        fewer = await read(limit=3)
    assert [each["place"] for each in fewer.json()["items"]] == [1, 2, 3]


async def test_the_bytes_are_the_same_for_every_origin(read, alice, points):
    """I46, T28: an origin is named exactly where it is welcome, and never with credentials."""
    await points(alice, 1)
    await appear(alice)
    origins = {
        None: None,
        SHOP: SHOP,
        BLOG: None,
        "null": None,
        SHOP.replace("https", "http"): None,
        f"{SHOP}.evil.example": None,
        f"{SHOP}:444": None,
        SHOP.upper(): None,
    }
    answers = {origin: await read(origin=origin, later=False) for origin in origins}
    allowed = {o: a.headers.get("access-control-allow-origin") for o, a in answers.items()}
    assert allowed == origins
    assert len({(answer.content, answer.headers["etag"]) for answer in answers.values()}) == 1
    for answer in answers.values():
        assert answer.headers["vary"] == "Origin"
        assert answer.headers["cache-control"] == "public, max-age=30"
        assert "access-control-allow-credentials" not in answer.headers
    again = await read(headers={"If-None-Match": f'W/"x", {answers[SHOP].headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    as_member = await read(headers=alice.headers)
    assert as_member.content == answers[None].content


async def test_a_key_opens_what_it_names_and_nothing_else(client, read, key):
    """I46: on every other route it is no credential at all."""
    for path, status, code in (
        ("/v1/public/boards/ever", 404, "board_not_found"),
        ("/v1/public/boards/nothing", 404, "board_not_found"),
    ):
        answer = await read(path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    for wrong in ("pk_0123456789abcdef0123", "sk_x", "", "é", "pk_' OR 1=1 --", "p" * 60):
        answer = await read(key=wrong)
        assert (answer.status_code, answer.json()["code"]) == (401, "publishable_key_unknown")
    for query in ({"limit": 0}, {"limit": 51}, {"period": "never"}, {"lang": "xx"}):
        assert (await read(**query)).status_code == 422
    as_secret = {"X-API-Key": key["key"]}
    as_token = {"Authorization": f"Bearer {key['key']}"}
    for headers in ({}, as_secret, as_token):
        for path in ("/v1/me", "/v1/boards/month", KEYS, "/v1/members"):
            asked = await client.get(path, params={"key": key["key"]}, headers=headers)
            assert asked.status_code in {401, 405}, (path, headers)


async def test_a_revoked_key_opens_nothing_within_five_seconds(
    client, read, key, manager, monkeypatch
):
    assert (await read()).status_code == 200
    path = f"{KEYS}/{key['id']}"
    assert (await client.delete(path, headers=manager)).status_code == 204
    assert (await client.delete(path, headers=manager)).status_code == 204
    change = await client.patch(path, json={"name": "Again"}, headers=manager)
    assert (change.status_code, change.json()["code"]) == (409, "publishable_key_revoked")

    assert SECONDS < 5
    later = time.monotonic() + SECONDS
    monkeypatch.setattr("server.sites.kept.monotonic", lambda: later)
    assert (await read(later=False)).json()["code"] == "publishable_key_unknown"


async def test_what_a_busy_page_reads_costs_the_database_nothing(read, statements, alice, points):
    """T28: at least 95 of 100 calls send no statement, whoever asks and however many at once."""
    await points(alice, 1)
    await appear(alice)
    with statements() as sent:
        first = await read(origin=SHOP)
        answers = await asyncio.gather(
            *(read(origin=origin, later=False) for origin in [SHOP, BLOG, None] * 33)
        )
    assert {answer.content for answer in answers} == {first.content}
    assert len(sent) <= 5


async def test_many_who_ask_at_once_ask_the_database_once(read, app, statements):
    app.state.sites.kept.forget_all()
    with statements() as sent:
        answers = await asyncio.gather(*(read(later=False) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(sent) <= 5


async def test_who_asks_too_often_waits(read, app, monkeypatch):
    """T28: by address and by key; nobody reads `Retry-After` as an invitation."""
    monkeypatch.setattr(app.state.sites, "by_key", Pace(3))
    statuses = [(await read(later=False)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    monkeypatch.setattr(app.state.sites, "by_key", Pace(100))
    monkeypatch.setattr(app.state.sites, "by_address", Pace(1))
    answers = [await read(later=False) for _ in range(2)]
    assert answers[1].json()["code"] == "too_many_requests"
    assert 0 < int(answers[1].headers["retry-after"]) <= 60


def test_a_pace_is_even():
    pace = Pace(60)
    assert [pace.wait("a", 0.0) for _ in range(60)] == [0.0] * 60
    assert pace.wait("a", 0.0) == pytest.approx(1.0)
    assert pace.wait("b", 0.0) == 0.0
    assert pace.wait("a", 1.001) == 0.0
    assert pace.wait("a", 1.001) > 0.9


async def test_a_key_is_looked_after(client, key, manager):
    path = f"{KEYS}/{key['id']}"
    assert key["key"].startswith("pk_")
    change = {"boards": ["month", "ever", "ever"], "origins": [SHOP, BLOG]}
    changed = (await client.patch(path, json=change, headers=manager)).json()
    assert changed == key | {"boards": ["ever", "month"], "origins": [BLOG, SHOP]}
    assert (await client.get(path, headers=manager)).json() == changed
    [listed] = (await client.get(KEYS, headers=manager)).json()["items"]
    assert listed == changed
    gone = await client.get(f"{KEYS}/00000000-0000-0000-0000-000000000000", headers=manager)
    assert gone.json()["code"] == "publishable_key_not_found"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"boards": ["nothing"]}, "/boards"),
        ({"boards": []}, "/boards"),
        ({"name": " "}, "/name"),
        ({"name": "a\u200bb"}, "/name"),
        ({"origins": ["https://a.example/"]}, "/origins/0"),
        ({"origins": ["*"]}, "/origins/0"),
    ],
    ids=str,
)
async def test_a_key_that_cannot_be_is_refused(client, boards, manager, wrong, pointer):
    wanted = {"name": "The shop", "boards": ["month"]} | wrong
    answer = await client.post(KEYS, json=wanted, headers=manager)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://a.example", True),
        ("https://a.example:8443", True),
        ("http://localhost:3000", True),
        ("http://127.0.0.1", True),
        ("http://a.example", False),
        ("https://a.example:443", False),
        ("https://a.example:0443", False),
        ("https://A.example", False),
        ("https://a.example/", False),
        ("https://a.example;script-src *", False),
        ("https://a.example *", False),
        ("https://user@a.example", False),
        ("https://*.example", False),
        ("https://a.example\n", False),
        ("https://é.example", False),
        ("null", False),
        ("ftp://a.example", False),
        ("https://", False),
        ("https://a.example:x", False),
        ("https://[::1", False),
    ],
)
def test_an_origin_is_what_browsers_send(text, is_one):
    assert is_origin(text) is is_one


async def test_the_month_before_can_be_shown(read, alice, points):
    await points(alice, 2)
    await appear(alice)
    with clock.frozen(NEXT_MONTH):
        assert (await read()).json()["items"] == []
        before = await read(period="previous")
        assert [each["points"] for each in before.json()["items"]] == [10]
    ever = await read(period="all_time")
    assert [each["name"] for each in ever.json()["items"]] == ["Alice"]
    await execute("UPDATE player SET staff = true")
    assert (await read(period="all_time")).json()["items"] == []
