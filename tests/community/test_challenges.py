"""Challenges: a goal that people reach together, and nobody who is pressed."""

from uuid import uuid4

import pytest

from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_catalogue
from ground import clock
from ground.engine import execute, fetch, fetchval
from tests.community.challenges import DAY, MONDAY, TOGETHER, reviews, seen_by_all
from tests.gamification.drafts import NAMES

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture(autouse=True)
def on_monday():
    with clock.frozen(MONDAY):
        yield


async def test_alice_and_bob_reach_it_together_and_each_is_thanked(
    ask, challenge, alice, bob, carol
):
    await publish(read_catalogue({"badge": [TOGETHER]}), to_the_past=True)
    together = await challenge(badge="together")
    path = f"/challenges/{together}"
    listed = (await ask("GET", "/challenges", alice, headers={"Accept-Language": "en"})).json()
    assert [each["title"] for each in listed["items"]] == ["A hundred reviews together"]
    assert (await ask("GET", path, alice)).json()["challenge"]["how"] == "8 avis"

    for someone in (alice, bob):
        joined = await ask("PUT", f"{path}/participation", someone)
        assert joined.json()["challenge"]["mine"]["takes_part"] is True
    await seen_by_all(alice)
    await reviews(alice, 5)
    await reviews(bob, 2)
    await reviews(carol, 2)

    found = (await ask("GET", path, alice)).json()
    progress = found["challenge"]["progress"]
    assert (progress["done"], progress["percent"], progress["helpers"]) == (5, 62, 2)
    mine = found["challenge"]["mine"]
    assert (mine["given"], mine["counted_today"], mine["squad"]) == (3, 3, None)
    assert (found["challenge"]["days_left"], found["challenge"]["state"]) == (28, "running")
    assert found["challenge"]["unlocks"]["name"] == "Ensemble"
    assert [each["name"] for each in found["contributors"]] == ["Alice"]
    assert found["contributors"][0]["given"] is None
    assert found["live"]["channel"] == f"challenge:{together}"

    with clock.frozen(MONDAY + DAY):
        await reviews(alice, 3)
        from_carol = (await ask("GET", path, carol)).json()["challenge"]
        assert from_carol["progress"]["done"] == 8
        assert from_carol["thanks"] is None


async def test_who_helped_is_thanked_by_name_if_they_chose_to_appear(
    ask, challenge, alice, bob, carol
):
    together = await challenge(shows_ranking=True)
    path = f"/challenges/{together}"
    for someone, number in ((alice, 1), (bob, 3), (carol, 2)):
        await ask("PUT", f"{path}/participation", someone)
        await reviews(someone, number)
    await seen_by_all(alice, bob)

    first = (await ask("GET", f"{path}/contributions?limit=1", alice)).json()
    rest = (await ask("GET", f"{path}/contributions?cursor={first['next_cursor']}", alice)).json()

    said = [(each["name"], each["given"], each["is_me"]) for each in first["items"]]
    said += [(each["name"], each["given"], each["is_me"]) for each in rest["items"]]
    assert said == [("Bob", 3, False), ("Alice", 1, True)]
    assert rest["next_cursor"] is None


async def test_one_joins_late_leaves_and_comes_back_and_nothing_is_held_against_anybody(
    ask, challenge, alice
):
    together = await challenge()
    path = f"/challenges/{together}"
    await reviews(alice, 2)
    with clock.frozen(MONDAY + DAY):
        late = (await ask("PUT", f"{path}/participation", alice)).json()["challenge"]
        assert late["mine"]["given"] == 2
        for _ in range(2):
            assert (await ask("DELETE", f"{path}/participation", alice)).status_code == 204
        gone = (await ask("GET", path, alice)).json()["challenge"]
        assert (gone["mine"]["takes_part"], gone["mine"]["given"]) == (False, 2)
        assert gone["progress"]["done"] == 2
        back = (await ask("PUT", f"{path}/participation", alice)).json()["challenge"]
        assert (back["mine"]["takes_part"], back["progress"]["done"]) == (True, 2)


async def test_after_a_no_one_can_still_join(ask, challenge, alice):
    path = f"/challenges/{await challenge()}"
    for _ in range(2):
        no = await ask("PUT", f"{path}/participation/declined", alice)
        assert no.status_code == 204
    assert (await ask("GET", path, alice)).json()["challenge"]["mine"]["declined"] is True
    yes = await ask("PUT", f"{path}/participation", alice)
    assert yes.json()["challenge"]["mine"]["takes_part"] is True


async def test_squads_reach_their_goals_side_by_side(ask, challenge, alice, bob, carol):
    of_squads = await challenge(team="squad")
    path = f"/challenges/{of_squads}"
    fireflies = (await ask("POST", "/squads", alice, name="Les Lucioles", is_open=True)).json()
    await ask("PUT", f"/squads/{fireflies['id']}/membership", bob)
    alone = (await ask("POST", "/squads", carol, name="La discrète")).json()

    without = await ask("PUT", f"{path}/participation", alice)
    assert (without.status_code, without.json()["code"]) == (409, "squad_needed")
    not_hers = await ask("PUT", f"{path}/participation", alice, squad=alone["id"])
    assert (not_hers.status_code, not_hers.json()["code"]) == (404, "squad_not_found")
    assert (await ask("GET", path, alice)).json()["challenge"]["progress"] is None
    for someone, squad in ((alice, fireflies), (bob, fireflies), (carol, alone)):
        entered = await ask("PUT", f"{path}/participation", someone, squad=squad["id"])
        assert entered.json()["challenge"]["mine"]["squad"] == squad["id"], entered.text
    for someone in (alice, bob, carol):
        await reviews(someone, 2)

    ours = (await ask("GET", path, alice)).json()["challenge"]["progress"]
    assert (ours["done"], ours["helpers"]) == (4, 2)
    found = (await ask("GET", f"{path}/squads", alice)).json()["items"]
    assert {(each["name"], each["done"], each["is_mine"]) for each in found} == {
        ("Les Lucioles", 4, True),
        (None, 2, False),
    }
    assert alone["id"] not in str(found)

    with clock.frozen(MONDAY + DAY):
        await ask("DELETE", f"/squads/{fireflies['id']}/membership", bob)
    with clock.frozen(MONDAY + 2 * DAY):
        await reviews(bob, 1)
        assert (await ask("GET", path, bob)).json()["challenge"]["mine"]["takes_part"] is False
        assert (await ask("GET", path, alice)).json()["challenge"]["progress"]["done"] == 4


async def test_whom_it_isnt_for_is_told_that_it_isnt_there(ask, challenge, alice, bob):
    segment = {
        "slug": "english",
        **NAMES,
        "of": {"term": "language", "one_of": ["en"]},
    }
    await publish(read_catalogue({"segment": [segment]}), to_the_past=True)
    await execute("UPDATE preferences SET locale = 'en' WHERE member_id = $1", bob.id)
    theirs = await challenge(segment="english")
    path = f"/challenges/{theirs}"

    assert (await ask("GET", "/challenges", alice)).json()["items"] == []
    for method, below in (
        ("GET", ""),
        ("PUT", "/participation"),
        ("PUT", "/participation/declined"),
        ("GET", "/contributions"),
        ("GET", "/squads"),
    ):
        answer = await ask(method, path + below, alice)
        assert (answer.status_code, answer.json()["code"]) == (404, "challenge_not_found")
    assert len((await ask("GET", "/challenges", bob)).json()["items"]) == 1
    assert (await ask("PUT", f"{path}/participation", bob)).status_code == 200


async def test_lists_of_what_runs_comes_and_is_past(ask, challenge, alice):
    runs = await challenge()
    comes = await challenge(starts_at="2026-11-20T00:00:00Z")
    short = await challenge(ends_at="2026-11-03T09:00:00Z")
    with clock.frozen(MONDAY + 5 * DAY):
        found = {
            state: [
                each["id"]
                for each in (await ask("GET", f"/challenges?state={state}", alice)).json()["items"]
            ]
            for state in ("running", "coming", "past")
        }
    assert found == {"running": [runs], "coming": [comes], "past": [short]}


UNACCEPTABLE = {
    "no id": ("GET", "/challenges/none", {}, 404, "not_found"),
    "unknown": ("GET", "/challenges/{nobody}", {}, 404, "challenge_not_found"),
    "unknown to join": (
        "PUT",
        "/challenges/{nobody}/participation",
        {},
        404,
        "challenge_not_found",
    ),
    "unknown to leave": (
        "DELETE",
        "/challenges/{nobody}/participation",
        {},
        404,
        "challenge_not_found",
    ),
    "unknown to decline": (
        "PUT",
        "/challenges/{nobody}/participation/declined",
        {},
        404,
        "challenge_not_found",
    ),
    "no squad": ("PUT", "/challenges/{it}/participation", {"squad": "us"}, 422, "invalid"),
    "too much said": ("PUT", "/challenges/{it}/participation", {"score": 9}, 422, "invalid"),
    "a squad where there is none": (
        "PUT",
        "/challenges/{it}/participation",
        {"squad": "{nobody}"},
        404,
        "squad_not_found",
    ),
    "a state that is none": ("GET", "/challenges?state=won", {}, 422, "invalid"),
    "a page too long": ("GET", "/challenges?limit=101", {}, 422, "invalid"),
    "a stranger's cursor": ("GET", "/challenges?cursor=abc", {}, 422, "cursor_invalid"),
    "a stranger's place": (
        "GET",
        "/challenges/{it}/contributions?cursor=abc",
        {},
        422,
        "cursor_invalid",
    ),
}


@pytest.mark.parametrize("case", UNACCEPTABLE.values(), ids=UNACCEPTABLE)
async def test_what_is_refused(ask, challenge, alice, case):
    method, path, body, status, code = case
    known = {"it": await challenge(), "nobody": str(uuid4())}
    body = {key: known["nobody"] if value == "{nobody}" else value for key, value in body.items()}
    answer = await ask(method, path.format(**known), alice, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await fetchval("SELECT count(*) FROM challenge_participation") == 0
    assert (
        await fetch(
            "SELECT FROM announcement_channel WHERE channel LIKE '%' || $1", known["nobody"]
        )
        == []
    )
