"""Boards over HTTP, with the names that people chose."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from community.members.importing import ImportedPerson, import_members
from gamification.boards.closing import close_due
from gamification.credit import credit, reverse
from gamification.ledger.activity import Activity
from ground import clock, valkey
from ground.roles import Role
from tests.gamification.boards import publish_boards

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOBODY_ANSWERS = "redis://127.0.0.1:1"


@pytest.fixture(autouse=True)
async def boards(database):
    with clock.frozen(NOON):
        await publish_boards()
        yield


@pytest.fixture
async def away(redis_url):
    """Valkey doesn't answer."""
    await valkey.close_valkey()
    valkey.open_valkey(NOBODY_ANSWERS)
    yield
    await valkey.close_valkey()
    valkey.open_valkey(redis_url)


@pytest.fixture
def appear(client):
    """Let somebody appear on boards."""

    async def change(member, **choices):
        choices = choices or {"visibility": "name"}
        answer = await client.patch("/v1/me", json=choices, headers=member.headers)
        assert answer.status_code == 200, answer.text

    return change


@pytest.fixture
def read(client):
    """Read a board, in English."""

    async def reading(member, slug="all", *, status=200, **query):
        headers = member.headers | {"Accept-Language": "en"}
        answer = await client.get(f"/v1/boards/{slug}", params=query, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return reading


async def posts(member_id, times, *, at=NOON, kind="post"):
    """Somebody posts so many times, at 5 points each. Gives the entries."""
    return [
        (
            await credit(
                Activity(
                    member_id=member_id,
                    kind=kind,
                    source="app",
                    key=f"{kind}-{at:%Y%m%d}-{number}",
                    occurred_at=at,
                )
            )
        ).entry_id
        for number in range(times)
    ]


def listed(page):
    return [(line["place"], line["name"], line["points"]) for line in page["items"]]


async def test_boards_in_the_language_of_the_reader(client, alice):
    headers = alice.headers | {"Accept-Language": "en"}
    answer = await client.get("/v1/boards", headers=headers)

    assert answer.headers["etag"]
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert [board["slug"] for board in answer.json()["items"]] == [
        *("all", "colleagues", "month", "writers")
    ]
    assert answer.json()["items"][1] == {
        "slug": "colleagues",
        "name": "A name",
        "description": "A word",
        "period": "month",
        "season": None,
        "population": "employee",
    }
    in_french = await client.get("/v1/boards", headers=alice.headers)
    assert in_french.json()["items"][0]["name"] == "Un nom"


async def test_the_list_of_boards_has_pages(client, alice):
    first = (await client.get("/v1/boards?limit=3", headers=alice.headers)).json()
    cursor = first["next_cursor"]
    rest = await client.get(f"/v1/boards?limit=3&cursor={cursor}", headers=alice.headers)

    assert [board["slug"] for board in first["items"]] == ["all", "colleagues", "month"]
    assert [board["slug"] for board in rest.json()["items"]] == ["writers"]
    assert rest.json()["next_cursor"] is None


async def test_a_board_says_who_is_where(alice, bob, appear, read):
    await appear(alice)
    await appear(bob, visibility="pseudonym", pseudonym="Luciole")
    await posts(alice.id, 2)
    await posts(bob.id, 3)

    assert await read(alice) == {
        "board": "all",
        "period": "all_time",
        "season": None,
        "is_closed": False,
        "items": [
            {"place": 1, "name": "Luciole", "points": 15, "is_me": False},
            {"place": 2, "name": "Alice", "points": 10, "is_me": True},
        ],
        "next_cursor": None,
        "me": {"place": 2, "points": 10},
        "note": None,
    }


async def test_hidden_is_how_everybody_begins(alice, bob, appear, read):  # I25
    await appear(alice)
    await posts(alice.id, 1)
    await posts(bob.id, 3)

    page = await read(alice)
    assert listed(page) == [(1, "Alice", 5)]
    assert page["me"] == {"place": 1, "points": 5}

    own = await read(bob)
    assert listed(own) == []
    assert own["me"] == {"place": 1, "points": 15}
    assert own["note"] == "Nobody but you sees your place."


async def test_changing_ones_mind_counts_at_once(alice, bob, appear, read):
    await posts(bob.id, 1)
    assert listed(await read(alice)) == []

    await appear(bob)
    assert listed(await read(alice)) == [(1, "Bob", 5)]

    await appear(bob, visibility="pseudonym", pseudonym="Luciole")
    assert listed(await read(alice)) == [(1, "Luciole", 5)]

    await appear(bob, visibility="hidden")
    assert listed(await read(alice)) == []


async def test_who_leaves_is_gone_at_once(client, alice, bob, appear, read):
    await appear(bob)
    await posts(bob.id, 1)
    assert listed(await read(alice)) == [(1, "Bob", 5)]

    await client.request("DELETE", "/v1/me", headers=bob.headers)

    assert listed(await read(alice)) == []


async def test_staff_reads_and_never_competes(alice, member, appear, read):
    sofia = await member("Sofia", Role.MODERATOR)
    await appear(alice)
    await appear(sofia)
    await posts(alice.id, 1)
    await posts(sofia.id, 4)

    page = await read(sofia)
    assert listed(page) == listed(await read(alice)) == [(1, "Alice", 5)]
    assert (page["me"], page["note"]) == (None, "You read this board without competing on it.")


async def test_who_was_only_imported_is_on_no_board(alice, read):  # I25
    person = ImportedPerson(external_id="1", known_since=NOON)
    found = await import_members("forum", [person])
    await posts(found["1"], 3)

    assert listed(await read(alice)) == []


async def test_without_points_there_is_no_place_and_a_kind_word(alice, read):
    page = await read(alice)
    assert page["me"] is None
    assert page["note"] == "You have no points here yet, and there is no hurry."


async def test_a_board_of_some_kinds_counts_these_only(alice, appear, read):
    await appear(alice)
    await posts(alice.id, 1)
    await posts(alice.id, 3, kind="thanks")

    assert listed(await read(alice, "writers")) == [(1, "Alice", 5)]
    assert listed(await read(alice, "month")) == [(1, "Alice", 8)]


async def test_the_month_before_can_be_read_and_is_closed_in_time(alice, appear, read):
    in_october = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
    await appear(alice)
    await posts(alice.id, 2, at=in_october)
    await posts(alice.id, 1)

    assert listed(await read(alice, "month")) == [(1, "Alice", 5)]
    before = await read(alice, "month", period="previous")
    assert (before["period"], before["is_closed"], listed(before)) == (
        *("2026-10", False),
        [(1, "Alice", 10)],
    )
    assert listed(await read(alice, "month", period="all_time")) == [(1, "Alice", 15)]

    with clock.frozen(NOON + timedelta(days=14)):
        await close_due(clock.now())
        november = await read(alice, "month", period="previous")
        assert (november["period"], november["is_closed"]) == ("2026-11", True)
        assert (await read(alice, "month"))["is_closed"] is False


async def test_nobody_reads_who_is_last(member, appear, read):
    people = [await member(name) for name in ("Anna", "Bela", "Carl", "Dora", "Emil", "Finn")]
    for number, who in enumerate(people):
        await appear(who)
        await posts(who.id, 6 - number)

    first, second, last = people[0], people[1], people[5]

    assert listed(await read(first, around="me", limit=5)) == [
        *((1, "Anna", 30), (2, "Bela", 25), (3, "Carl", 20))
    ]
    assert listed(await read(second, around="me", limit=5)) == [(1, "Anna", 30), (2, "Bela", 25)]
    assert listed(await read(second)) == [(1, "Anna", 30), (2, "Bela", 25)]
    assert (await read(second))["next_cursor"] is None
    assert [name for _, name, _ in listed(await read(last, around="me"))] == [
        *("Anna", "Bela", "Carl", "Dora", "Emil", "Finn")
    ]


async def test_pages_and_places(alice, member, appear, read):
    for number, name in enumerate(("Anna", "Bela", "Carl", "Dora")):
        who = await member(name)
        await appear(who)
        await posts(who.id, 4 - number // 2)

    first = await read(alice, limit=3)
    rest = await read(alice, limit=3, cursor=first["next_cursor"])

    assert [line["place"] for line in first["items"] + rest["items"]] == [1, 1, 3, 3]
    assert len({line["name"] for line in first["items"] + rest["items"]}) == 4
    assert [line["place"] for line in (await read(alice, from_place=2))["items"]] == [3, 3]
    assert (await read(alice, from_place=5))["items"] == []


async def test_somebody_whose_points_fall_is_not_listed_twice(alice, member, appear, read):  # I11
    entries = {}
    for number, name in enumerate(("Anna", "Bela", "Carl")):
        who = await member(name)
        await appear(who)
        entries[name] = await posts(who.id, 5 - number)

    first = await read(alice, limit=1)
    await reverse(entries["Anna"][1:], reason="a mistake")
    rest = await read(alice, cursor=first["next_cursor"])

    assert [line["name"] for line in first["items"] + rest["items"]] == ["Anna", "Bela", "Carl"]


async def test_going_on_over_the_end_of_a_month(alice, member, appear, read):
    for name in ("Anna", "Bela"):
        who = await member(name)
        await appear(who)
        await posts(who.id, 1)
    first = await read(alice, "month", limit=1)

    with clock.frozen(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)):
        late = await read(alice, "month", cursor=first["next_cursor"], status=422)
    with clock.frozen(NOON + timedelta(hours=2)):
        rest = await read(alice, "month", cursor=first["next_cursor"])

    assert late["code"] == "cursor_invalid"
    assert {first["items"][0]["name"], rest["items"][0]["name"]} == {"Anna", "Bela"}


async def test_a_page_that_begins_in_november_goes_on_in_november(alice, member, appear, read):
    for name in ("Anna", "Bela"):
        who = await member(name)
        await appear(who)
        await posts(who.id, 1)
    with clock.frozen(datetime(2026, 11, 30, 22, 55, tzinfo=UTC)):
        first = await read(alice, "month", limit=1)
    with clock.frozen(datetime(2026, 11, 30, 23, 5, tzinfo=UTC)):
        rest = await read(alice, "month", cursor=first["next_cursor"])

    assert (first["period"], rest["period"]) == ("2026-11", "2026-11")
    assert {first["items"][0]["name"], rest["items"][0]["name"]} == {"Anna", "Bela"}


@pytest.mark.parametrize(
    ("slug", "query", "status", "code"),
    [
        pytest.param("nothing", {}, 404, "board_not_found", id="an unknown board"),
        pytest.param("all", {"period": "previous"}, 422, "period_not_on_board", id="before ever"),
        pytest.param("all", {"period": "2026-11"}, 422, "invalid", id="an unknown period"),
        pytest.param("all", {"around": "bob"}, 422, "invalid", id="around another"),
        pytest.param("all", {"limit": 0}, 422, "invalid", id="nothing"),
        pytest.param("all", {"limit": 101}, 422, "invalid", id="too much"),
        pytest.param("all", {"from_place": 0}, 422, "invalid", id="before the first"),
        pytest.param("all", {"from_place": 10**30}, 422, "invalid", id="far too far"),
        pytest.param("all", {"cursor": "nonsense"}, 422, "cursor_invalid", id="a made-up cursor"),
        pytest.param("all", {"cursor": "WzFd"}, 422, "cursor_invalid", id="another list's cursor"),
        pytest.param("all", {"around": "me", "from_place": 3}, 422, "invalid", id="two beginnings"),
    ],
)
async def test_what_cannot_be_read_is_refused(alice, read, slug, query, status, code):
    refusal = await read(alice, slug, status=status, **query)

    assert refusal["code"] == code
    if "from_place" in query and "around" in query:
        [error] = refusal["errors"]
        assert (error["pointer"], error["detail"]) == (
            *("?from_place", "can't be combined with `around`"),
        )


async def test_a_cursor_belongs_to_its_board(alice, member, appear, read):
    for name in ("Anna", "Bela"):
        who = await member(name)
        await appear(who)
        await posts(who.id, 1)
    cursor = (await read(alice, "all", limit=1))["next_cursor"]

    assert (await read(alice, "month", cursor=cursor, status=422))["code"] == "cursor_invalid"
    assert listed(await read(alice, "month", period="all_time", cursor=cursor)) == listed(
        await read(alice, "all", cursor=cursor)
    )


async def test_boards_are_for_members(client, sign_in):
    assert (await client.get("/v1/boards")).status_code == 401
    assert (await client.get("/v1/boards/all")).status_code == 401
    assert (await client.get("/v1/boards/all", headers=sign_in("stranger"))).status_code == 403


async def test_what_is_unchanged_is_not_sent_again(client, alice, appear):
    await appear(alice)
    await posts(alice.id, 1)
    first = await client.get("/v1/boards/all", headers=alice.headers)
    known = alice.headers | {"If-None-Match": first.headers["etag"]}

    again = await client.get("/v1/boards/all", headers=known)
    await credit(
        Activity(member_id=alice.id, kind="thanks", source="app", key="t", occurred_at=NOON)
    )
    changed = await client.get("/v1/boards/all", headers=known)

    assert first.headers["cache-control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert (changed.status_code, changed.json()["me"]["points"]) == (200, 6)


async def test_boards_answer_while_valkey_is_away(away, alice, bob, appear, read):  # I20
    await appear(alice)
    await appear(bob)
    await posts(alice.id, 2)
    await posts(bob.id, 1)

    assert listed(await read(bob)) == [(1, "Alice", 10), (2, "Bob", 5)]
    assert listed(await read(bob, around="me")) == [(1, "Alice", 10), (2, "Bob", 5)]


async def test_a_page_takes_the_same_statements_for_few_and_for_many(
    alice, member, appear, read, statements
):
    sent = []
    for names in (["Anna", "Bela"], ["Carl", "Dora", "Emil", "Finn", "Gina", "Hugo"]):
        for name in names:
            who = await member(name)
            await appear(who)
            await posts(who.id, 1)
        await read(alice)
        with statements() as noted:
            await read(alice)
        sent.append(list(noted))

    assert sent[0] == sent[1]


async def test_many_at_once_read_the_same(alice, bob, appear, read):
    await appear(bob)
    await posts(bob.id, 1)
    await valkey.client().flushall()

    pages = await asyncio.gather(*(read(alice) for _ in range(8)))

    assert [listed(page) for page in pages] == [[(1, "Bob", 5)]] * 8


@pytest.mark.parametrize("query", [{}, {"limit": 4}, {"around": "me"}, {"from_place": 3}])
async def test_who_reads_together_reads_what_each_would_alone(member, appear, read, query):
    people = [await member(f"Reader {number}") for number in range(9)]
    for number, person in enumerate(people):
        await posts(person.id, number)
        # One in four is hidden, and reads all the same.
        if number % 4:
            await appear(person)

    async def page(person):
        found = await read(person, **query)
        # A cursor remembers what was committed when paging began, anywhere on the server.
        return found | {"next_cursor": found["next_cursor"] is not None}

    alone = [await page(person) for person in people]

    assert await asyncio.gather(*map(page, people)) == alone
    assert len({str(each) for each in alone}) > 4
