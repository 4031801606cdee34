"""Seasons over HTTP: read by everybody, closed by managers, shown on boards and in standings."""

from datetime import UTC, date, datetime, timedelta

import pytest

from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_catalogue
from gamification.credit import credit_many
from gamification.recognition import replay
from ground import clock
from ground.engine import fetch
from ground.roles import Role
from tests.gamification.drafts import board
from tests.gamification.programme import SEASONS, activity, catalogue

BEGUN = datetime(2026, 9, 15, tzinfo=UTC)
NOW = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)
THIRD = datetime(2026, 10, 3, 12, 0, tzinfo=UTC)
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
async def seasons(database):
    """Two seasons: from the 1st to the 4th of October, and from the 4th to the 7th."""
    with clock.frozen(BEGUN):
        await publish(catalogue(), to_the_past=True)
        await publish(catalogue(SEASONS), to_the_past=True)


@pytest.fixture
async def mona(member):
    return await member("Mona", Role.MANAGER)


async def did(*activities, at=NOW):
    with clock.frozen(at):
        return await credit_many(activities)


def posted(who, key, on):
    at = datetime(2026, 10, on, 12, 0, tzinfo=UTC)
    return activity("post", key, at, member_id=who.id)


@pytest.fixture
def ask(client):
    async def get(path, headers=ENGLISH, at=NOW):
        with clock.frozen(at):
            return await client.get(path, headers={**ENGLISH, **headers})

    return get


async def test_anybody_reads_seasons_the_latest_first(ask, seasons):
    page = (await ask("/v1/seasons")).json()

    assert [(each["slug"], each["state"]) for each in page["items"]] == [
        ("second", "running"),
        ("first", "over"),
    ]
    assert page["items"][1] == {
        "slug": "first",
        "name": "A name",
        "description": "A word",
        "starts_on": "2026-10-01",
        "ends_on": "2026-10-04",
        "state": "over",
        "is_closed": False,
    }
    assert (await ask("/v1/seasons/first")).json() == page["items"][1]
    ahead = await ask("/v1/seasons/first", at=BEGUN)
    assert ahead.json()["state"] == "ahead"


async def test_seasons_are_paged(ask, seasons):
    first = (await ask("/v1/seasons?limit=1")).json()
    second = (await ask(f"/v1/seasons?limit=1&cursor={first['next_cursor']}")).json()

    assert [each["slug"] for each in (*first["items"], *second["items"])] == ["second", "first"]
    assert second["next_cursor"] is None
    assert (await ask("/v1/seasons?cursor=nonsense")).json()["code"] == "cursor_invalid"


async def test_who_has_a_season_isnt_sent_it_again(client, seasons):
    first = await client.get("/v1/seasons")
    again = await client.get("/v1/seasons", headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304


@pytest.mark.parametrize("slug", ["third", "FIRST", "%00", "a" * 81])
async def test_a_season_that_isnt_there(ask, seasons, slug):
    answer = await ask(f"/v1/seasons/{slug}")

    assert answer.status_code in {404, 422}
    assert answer.json()["code"] in {"season_not_found", "invalid", "invalid_request"}


async def test_a_manager_closes_a_season_that_is_over(client, ask, seasons, mona, alice):
    await did(posted(alice, "1", 3))
    with clock.frozen(NOW):
        answer = await client.put(
            "/v1/manage/seasons/first/closed", headers={**mona.headers, **ENGLISH}
        )
    await did(posted(alice, "2", 3), at=NOW + timedelta(minutes=1))

    assert (answer.status_code, answer.json()["is_closed"]) == (200, True)
    read = (await ask("/v1/boards/season?season=first", alice.headers)).json()
    assert (read["is_closed"], read["season"], read["me"]) == (
        True,
        "first",
        {"place": 1, "points": 5},
    )
    assert await replay.check() == []


async def test_closing_again_changes_nothing_and_is_written_down_once(client, seasons, mona):
    with clock.frozen(NOW):
        answers = [
            await client.put("/v1/manage/seasons/first/closed", headers=mona.headers)
            for _ in range(2)
        ]

    assert answers[0].json() == answers[1].json()
    written = await fetch("SELECT subject FROM audit_entry WHERE action = 'seasons.closed'")
    assert [row["subject"] for row in written] == ["season:first"]


@pytest.mark.parametrize(
    ("slug", "at", "status", "code"),
    [
        pytest.param("second", NOW, 409, "season_not_over", id="one that runs"),
        pytest.param(
            "second",
            datetime(2026, 10, 7, 21, 59, tzinfo=UTC),
            409,
            "season_not_over",
            id="its last minute",
        ),
        pytest.param("third", NOW, 404, "season_not_found", id="one that isn't there"),
    ],
)
async def test_what_cant_be_closed(client, seasons, mona, slug, at, status, code):
    with clock.frozen(at):
        answer = await client.put(f"/v1/manage/seasons/{slug}/closed", headers=mona.headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await fetch("SELECT FROM closed_period") == []


async def test_only_a_manager_closes(client, seasons, alice):
    answer = await client.put("/v1/manage/seasons/first/closed", headers=alice.headers)

    assert answer.status_code == 403


async def test_a_standing_shows_the_seasons_that_run(ask, seasons, alice):
    await did(posted(alice, "1", 3), posted(alice, "2", 5))

    now = (await ask("/v1/me/standing", alice.headers)).json()
    both = (await ask("/v1/me/standing", alice.headers, at=THIRD + timedelta(days=1))).json()
    none = (await ask("/v1/me/standing", alice.headers, at=NOW + timedelta(days=9))).json()

    second = {"slug": "second", "name": "A name", "points": 5, "ends_on": "2026-10-07"}
    assert (now["points"], now["seasons"]) == (10, [second])
    assert [(each["slug"], each["points"]) for each in both["seasons"]] == [
        ("second", 5),
        ("first", 5),
    ]
    assert none["seasons"] == []


async def test_a_board_of_seasons_is_about_the_one_that_runs(ask, seasons, alice):
    await did(posted(alice, "1", 3), posted(alice, "2", 3), posted(alice, "3", 5))

    async def read(query="", at=NOW):
        page = (await ask(f"/v1/boards/season{query}", alice.headers, at)).json()
        return page["season"], page["me"] and page["me"]["points"]

    assert await read() == ("second", 5)
    assert await read("?period=previous") == ("first", 10)
    assert await read("?season=first") == ("first", 10)
    assert await read("?period=all_time") == (None, 15)
    # When none runs, the last one stays.
    assert await read(at=NOW + timedelta(days=30)) == ("second", 5)


async def test_a_board_that_names_a_season_stays_with_it(ask, seasons, alice):
    await did(posted(alice, "1", 3), posted(alice, "2", 5))

    page = (await ask("/v1/boards/first-season", alice.headers)).json()
    listed = (await ask("/v1/boards", alice.headers)).json()["items"]

    assert (page["season"], page["me"]["points"]) == ("first", 5)
    assert {each["slug"]: (each["period"], each["season"]) for each in listed} == {
        "all": ("all_time", None),
        "first-season": ("season", "first"),
        "month": ("month", None),
        "season": ("season", None),
        "talk": ("all_time", None),
    }


@pytest.mark.parametrize(
    ("path", "at", "code"),
    [
        pytest.param("season", BEGUN, "period_not_on_board", id="before the first has begun"),
        pytest.param("season?period=previous", THIRD, "period_not_on_board", id="none before"),
        pytest.param("season?season=second", THIRD, "period_not_on_board", id="one to come"),
        pytest.param("season?season=third", NOW, "period_not_on_board", id="no such season"),
        pytest.param("month?season=first", NOW, "period_not_on_board", id="a board of months"),
        pytest.param("first-season?season=second", NOW, "period_not_on_board", id="another's"),
        pytest.param("first-season?period=previous", NOW, "period_not_on_board", id="nor before"),
        pytest.param("season?season=first&period=previous", NOW, "invalid", id="two at once"),
        pytest.param("season?season=", NOW, "invalid", id="an empty one"),
    ],
)
async def test_what_a_board_of_seasons_refuses(ask, seasons, alice, path, at, code):
    answer = await ask(f"/v1/boards/{path}", alice.headers, at)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_who_chose_to_appear_is_on_the_board_of_a_season(ask, client, seasons, alice, bob):
    await client.patch("/v1/me", json={"visibility": "name"}, headers=alice.headers)
    await did(posted(alice, "1", 3), posted(alice, "2", 5))

    for query in ("", "?season=first"):
        page = (await ask(f"/v1/boards/season{query}", bob.headers)).json()
        assert [(line["name"], line["points"]) for line in page["items"]] == [("Alice", 5)]


async def test_somebody_who_appears_later_is_on_boards_of_seasons_that_are_over(
    ask, client, seasons, alice, bob
):
    await did(posted(alice, "1", 3))
    # Somebody has read it before, so there is a copy.
    assert (await ask("/v1/boards/season?season=first", bob.headers)).json()["items"] == []
    with clock.frozen(NOW):
        await client.patch("/v1/me", json={"visibility": "name"}, headers=alice.headers)

    page = (await ask("/v1/boards/season?season=first", bob.headers)).json()
    assert [line["name"] for line in page["items"]] == ["Alice"]


async def test_badges_say_in_which_season_they_were_earned(ask, seasons, alice):
    at = [datetime(2026, 10, day, 12, 0, tzinfo=UTC) for day in (1, 2, 5, 6)]
    await did(*(activity("comment", str(n), on, member_id=alice.id) for n, on in enumerate(at)))

    held = (await ask("/v1/me/badges", alice.headers)).json()["items"]
    why = (await ask("/v1/me/badges/voice", alice.headers)).json()
    shown = (await ask("/v1/badges/voice")).json()

    mine = [each["season"]["slug"] for each in held if each["slug"] == "voice"]
    assert mine == ["second", "first"]
    assert [each["season"]["slug"] for each in why["awards"]] == ["second", "first"]
    assert [len(each["activities"]) for each in why["awards"]] == [2, 2]
    assert shown["earned"] == "per_season"
    assert shown["how"].endswith(", within one season")


async def test_why_before_any_season_asks_for_all_of_it(ask, seasons, alice):
    why = (await ask("/v1/me/badges/keen", alice.headers, at=BEGUN)).json()

    assert (why["held"], why["asks_for"]["have"], why["asks_for"]["need"]) == (False, 0, 8)


async def test_many_seasons_take_the_same_statements(ask, seasons, alice, statements):
    async def sent():
        paths = ("/v1/seasons", "/v1/me/standing", "/v1/boards/season")
        with statements() as sql:
            for path in paths:
                assert (await ask(path, alice.headers)).status_code == 200
        return len(sql)

    await sent()
    few = await sent()
    with clock.frozen(NOW):
        more = [
            board(f"s{n}") | {"starts_on": date(2026, 10, n + 1), "ends_on": date(2026, 10, 20)}
            for n in range(9)
        ]
        await publish(read_catalogue({"season": more}))
    await sent()

    assert await sent() == few
