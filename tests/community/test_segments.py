"""What managers try out and read about segments."""

from typing import Any

import pytest

from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from ground import cursors
from ground.engine import fetchval
from ground.roles import Role

PREVIEWS = "/v1/manage/segments/previews"
MEMBERS = "/v1/manage/segments/french/members"
FRENCH = {"term": "language", "one_of": ["fr"]}
SEGMENT = """
[[segment]]
slug = "french"
name = { fr = "Francophones", en = "French speakers" }
description = { fr = "Qui lisent en français.", en = "Who read French." }
of = { term = "language", one_of = ["fr"] }
"""


@pytest.fixture
async def zoe(member, catalogue):
    await publish(read_toml(SEGMENT.encode()))
    return await member("Zoe", Role.MANAGER)


async def preview(client, who, of, **more):
    return await client.post(PREVIEWS, json={"of": of, **more}, headers=who.headers)


async def test_a_preview_says_who_in_words_in_numbers_and_by_name(client, zoe, member):
    for name in ("Alice", "Bob", "Chloe"):
        await member(name)
    bob = await member("Bob")
    change = {"locale": "en", "visibility": "name"}
    assert (await client.patch("/v1/me", json=change, headers=bob.headers)).status_code == 200
    chloe = await member("Chloe")
    await client.patch("/v1/me", json={"visibility": "name"}, headers=chloe.headers)

    response = await preview(client, zoe, FRENCH)

    assert response.status_code == 200
    body = response.json()
    assert [each["display_name"] for each in body.pop("sample")] == ["Chloe", "Alice"]
    assert body == {
        "says": {"fr": "qui lisent en français", "en": "who read French"},
        "members": 2,
        "appear": 1,
        "by_population": {"customer": 2, "employee": 0, "partner": 0},
    }


async def test_a_preview_names_as_many_as_one_asks_for(client, zoe, member):
    for name in ("Alice", "Bob", "Chloe"):
        await member(name)
    one = (await preview(client, zoe, FRENCH, sample=1)).json()
    assert [each["display_name"] for each in one["sample"]] == ["Chloe"]
    none = (await preview(client, zoe, FRENCH, sample=0)).json()
    assert (none["members"], none["sample"]) == (3, [])


async def test_a_preview_of_nobody_is_an_answer(client, zoe, member):
    await member("Alice")
    english = {"term": "language", "one_of": ["en"]}
    body = (await preview(client, zoe, english)).json()
    assert (body["members"], body["appear"], body["sample"]) == (0, 0, [])


async def test_a_preview_saves_nothing(client, zoe, alice):
    before = await fetchval("SELECT count(*) FROM publication")
    await preview(client, zoe, FRENCH)
    assert await fetchval("SELECT count(*) FROM publication") == before
    assert await fetchval("SELECT count(*) FROM segment_member") == 0


DEEP: Any = FRENCH
for _ in range(6):
    DEEP = {"term": "all", "of": [DEEP]}

REFUSED = {
    "an unknown kind": (
        {"term": "count", "kind": "film", "at_least": 1, "within_days": 7},
        ("catalogue_invalid", "/of/kind"),
    ),
    "an unknown tier": (
        {"term": "any", "of": [FRENCH, {"term": "tier", "at_least": "gold"}]},
        ("catalogue_invalid", "/of/of/1/at_least"),
    ),
    "too deep": (DEEP, ("catalogue_invalid", f"/of{'/of/0' * 5}")),
    "an unknown language": ({"term": "language", "one_of": ["de"]}, ("invalid", "/of/one_of/0")),
    "an unknown term": ({"term": "spends", "at_least": 1}, ("invalid", "/of/term")),
    "nothing to combine": ({"term": "all", "of": []}, ("invalid", "/of/of")),
    "nothing at all": (None, ("invalid", "/of")),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_criteria_are_refused_with_the_place(client, zoe, case):
    of, (code, pointer) = REFUSED[case]
    response = await preview(client, zoe, of)
    assert response.status_code == 422
    body = response.json()
    assert (body["code"], body["errors"][0]["pointer"]) == (code, pointer)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"sample": 51}, id="too many names"),
        pytest.param({"sample": -1}, id="fewer than none"),
        pytest.param({"visibility": "hidden"}, id="an unknown field"),
    ],
)
async def test_a_preview_takes_nothing_else(client, zoe, more):
    assert (await preview(client, zoe, FRENCH, **more)).status_code == 422


async def test_too_large_a_preview_is_not_read(client, zoe):
    of = {"term": "badge", "one_of": ["x" * 80] * 1000}
    assert (await preview(client, zoe, of)).status_code == 413


async def test_who_is_in_a_segment_is_listed_in_pages(client, zoe, member):
    for number in range(5):
        await member(f"Member{number}")

    seen, cursor = [], ""
    while cursor is not None:
        answer = await client.get(f"{MEMBERS}?limit=2{cursor}", headers=zoe.headers)
        assert answer.status_code == 200
        page = answer.json()
        seen += [each["display_name"] for each in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

    assert seen == [f"Member{number}" for number in range(4, -1, -1)]


async def test_who_leaves_is_listed_no_more(client, zoe, alice, bob):
    names = [each["display_name"] for each in await listed(client, zoe)]
    assert names == ["Bob", "Alice"]
    assert (await client.delete("/v1/me", headers=bob.headers)).status_code == 200
    assert [each["display_name"] for each in await listed(client, zoe)] == ["Alice"]


async def listed(client, who):
    return (await client.get(MEMBERS, headers=who.headers)).json()["items"]


async def test_an_unknown_segment_is_not_found(client, zoe):
    answer = await client.get("/v1/manage/segments/german/members", headers=zoe.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "segment_not_found")


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("limit=0", id="no limit"),
        pytest.param("limit=101", id="too large a limit"),
        pytest.param("cursor=" + "x" * 401, id="too long a cursor"),
    ],
)
async def test_a_list_is_bounded(client, zoe, query):
    assert (await client.get(f"{MEMBERS}?{query}", headers=zoe.headers)).status_code == 422


@pytest.mark.parametrize("cursor", ["nonsense", cursors.encode(1, 2), cursors.encode("2026")])
async def test_a_cursor_of_something_else_is_refused(client, zoe, cursor):
    answer = await client.get(f"{MEMBERS}?cursor={cursor}", headers=zoe.headers)
    assert answer.json()["code"] == "cursor_invalid"


async def test_only_managers_see_segments(client, zoe, alice, member, crm, sign_in):
    mia = await member("Mia", Role.MODERATOR)
    for headers in (alice.headers, mia.headers, crm, sign_in("candidate")):
        tried = await client.post(PREVIEWS, json={"of": FRENCH}, headers=headers)
        read = await client.get(MEMBERS, headers=headers)
        assert (tried.status_code, read.status_code) == (403, 403)
    assert (await client.get(MEMBERS)).status_code == 401


async def test_lists_cost_a_constant_number_of_statements(client, zoe, member, statements):
    counted = []
    for name in ("Alice", "Bob", "Chloe"):
        await member(name)
        for call in (preview(client, zoe, FRENCH), client.get(MEMBERS, headers=zoe.headers)):
            with statements() as sent:
                assert (await call).status_code == 200
            counted.append(len(sent))
    assert counted[2:4] == counted[4:6]


async def test_members_are_not_told_of_segments(client, zoe, alice):
    board = """
    [[board]]
    slug = "french-month"
    period = "month"
    segment = "french"
    name = { fr = "Le mois", en = "The month" }
    description = { fr = "Ce mois-ci.", en = "This month." }
    """
    await publish(read_toml(board.encode()))
    listed_boards = await client.get("/v1/boards", headers=alice.headers)
    read = await client.get("/v1/boards/french-month", headers=alice.headers)
    assert (listed_boards.status_code, read.status_code) == (200, 200)
    assert "french-month" in listed_boards.text
    assert "Francophones" not in listed_boards.text + read.text
    assert '"segment"' not in listed_boards.text + read.text
