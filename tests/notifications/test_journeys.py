"""Journeys go on by themselves, each step once, and members may leave them."""

import asyncio
from datetime import timedelta

import pytest

from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.roles import Role
from ground.unit_of_work import unit_of_work
from notifications import forgetting
from notifications.journeys import keeping, running, service
from notifications.journeys.happened import happened, is_over
from notifications.wording.category import ByLanguage
from tests.notifications.told import ALICE, BOB, CAMILLE, NOON, rows, sent, somebody

DAY = timedelta(days=1)
FIRST = ByLanguage(fr="Premiers pas", en="First steps")


async def hears(member_id, fact, at=NOON, name=None):
    async with unit_of_work():
        happened(member_id, fact, at=at, name=name)


async def at(moment):
    """The clock comes to a moment. Return what each was told by then."""
    with clock.frozen(moment):
        await running.by_the_clock()
    return [
        (row["member_id"], row["category"], row["once"].rpartition(":")[2]) for row in await rows()
    ]


async def runs():
    found = await fetch("SELECT slug, member_id, ended_as FROM journey_run ORDER BY slug, id")
    return [(row["slug"], row["member_id"], row["ended_as"]) for row in found]


async def test_a_newcomer_is_welcomed_and_guided_until_a_first_success(database):
    await somebody(ALICE, BOB)
    for member in (ALICE, BOB):
        await hears(member, "joined")
    welcomed = [(ALICE, "journey.news", "0"), (BOB, "journey.news", "0")]
    assert await at(NOON) == welcomed
    await hears(BOB, "activity", NOON + DAY)
    assert await at(NOON + DAY) == welcomed
    assert await at(NOON + 2 * DAY) == [*welcomed, (ALICE, "journey.ask", "2")]
    assert ("welcome", BOB, "reached") in await runs()
    assert await at(NOON + 7 * DAY) == [
        *welcomed,
        (ALICE, "journey.ask", "2"),
        (ALICE, "journey.ask", "4"),
    ]


async def test_several_badges_open_one_asking_and_it_names_one(database):
    await somebody(ALICE)
    await hears(ALICE, "badge:first-steps", name=FIRST)
    await hears(ALICE, "badge:other", name=FIRST)
    await hears(ALICE, "tier:tree", name=FIRST)
    await at(NOON)
    assert await at(NOON + timedelta(hours=3)) == [(ALICE, "journey.ask", "1")]
    [sending] = await sent(NOON + timedelta(hours=4))
    assert sending.facts["title"]["en"] == "You have just earned: First steps"
    await hears(ALICE, "badge:third", NOON + 5 * DAY, name=FIRST)
    await at(NOON + 5 * DAY)
    assert len(await at(NOON + 6 * DAY)) == 1
    await hears(ALICE, "badge:fourth", NOON + 14 * DAY, name=FIRST)
    await at(NOON + 14 * DAY)
    assert len(await at(NOON + 14 * DAY + timedelta(hours=3))) == 2


async def test_an_old_badge_is_no_success_of_now(database):
    await somebody(ALICE)
    await hears(ALICE, "badge:first-steps", NOON - DAY, name=FIRST)
    await at(NOON)
    assert await runs() == []


async def test_silence_is_broken_once_until_they_return(database):
    await somebody(ALICE)
    await hears(ALICE, "activity")
    assert await at(NOON) == []
    assert await at(NOON + 119 * DAY) == []
    once = [(ALICE, "journey.ask", "1")]
    assert await at(NOON + 120 * DAY) == once
    assert await at(NOON + 900 * DAY) == once
    await hears(ALICE, "seen", NOON + 901 * DAY)
    assert await at(NOON + 901 * DAY) == once
    assert await at(NOON + 1021 * DAY) == once * 2


async def test_an_anniversary_is_said_each_year(database):
    await somebody(ALICE)
    await hears(ALICE, "joined", NOON - 30 * DAY)
    assert await at(NOON) == []
    said = await at(NOON + 350 * DAY)
    assert said.count((ALICE, "journey.news", "1")) == 1
    said = await at(NOON + 716 * DAY)
    assert said.count((ALICE, "journey.news", "1")) == 2


async def test_each_step_is_taken_once_by_however_many_workers(database):
    """I14."""
    await somebody(ALICE, BOB, CAMILLE)
    for member in (ALICE, BOB, CAMILLE):
        await hears(member, "joined")
    with clock.frozen(NOON):
        await asyncio.gather(*(running.by_the_clock() for _ in range(4)))
    with clock.frozen(NOON + 2 * DAY):
        await asyncio.gather(*(running.by_the_clock() for _ in range(4)))
    assert len(await rows()) == 6
    assert await fetchval("SELECT count(*) FROM journey_step") == 6


async def test_a_worker_that_dies_in_the_middle_leaves_all_to_the_next(database, monkeypatch):
    """I14."""
    await somebody(ALICE)
    await hears(ALICE, "joined")

    async def die(*_):
        raise OSError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(running, "_note", die)
        with pytest.raises(OSError, match="killed"):
            await at(NOON)
    assert await rows() == []
    assert await at(NOON) == [(ALICE, "journey.news", "0")]


async def test_what_is_not_committed_did_not_happen(database):
    """I12."""
    await somebody(ALICE)

    async def fail():
        async with unit_of_work():
            happened(ALICE, "joined")
            raise OSError("no")

    with pytest.raises(OSError, match="no"):
        await fail()
    assert await fetchval("SELECT count(*) FROM journey_fact") == 0


async def test_a_transaction_says_all_that_happened_in_one_statement(database, statements):
    await somebody(ALICE, BOB)
    with statements() as heard:
        async with unit_of_work():
            for member in (BOB, ALICE, BOB):
                happened(member, "activity", at=NOON)
                happened(member, "badge:a", at=NOON, name=FIRST)
    assert len(heard) == 1
    async with unit_of_work():
        is_over(BOB, "badge:a")
    facts = await fetch("SELECT member_id, fact FROM journey_fact ORDER BY member_id, fact")
    assert [tuple(row) for row in facts] == [
        (ALICE, "activity"),
        (ALICE, "badge:a"),
        (BOB, "activity"),
    ]


async def test_who_has_not_come_yet_or_left_is_in_no_journey(database):
    await somebody(ALICE, BOB)
    await execute("UPDATE preferences SET expected = true WHERE member_id = $1", ALICE)
    for member in (ALICE, BOB, CAMILLE):
        await hears(member, "joined")
    await at(NOON)
    assert {member for _, member, _ in await runs()} == {BOB}
    async with unit_of_work():
        await forgetting.forget(BOB)
    assert await at(NOON + 2 * DAY) == []
    assert await runs() == []
    assert await fetchval("SELECT count(*) FROM journey_step") == 0


async def test_who_left_a_journey_is_not_taken_into_it_again(database):
    await somebody(ALICE, BOB)
    await hears(ALICE, "joined")
    await at(NOON)
    with clock.frozen(NOON):
        for _ in range(2):
            await service.leave(ALICE, "welcome")
            await service.leave(BOB, "welcome")
    await hears(BOB, "joined")
    await hears(ALICE, "joined", NOON + timedelta(hours=1))
    told = await at(NOON + 3 * DAY)
    assert told == [(ALICE, "journey.news", "0")]
    assert [run for run in await runs() if run[0] == "welcome"] == [
        ("welcome", ALICE, "left"),
        ("welcome", BOB, "left"),
    ]


async def test_who_comes_back_goes_on_where_they_left(database):
    await somebody(ALICE, BOB)
    await hears(ALICE, "joined")
    await at(NOON)
    with clock.frozen(NOON + DAY):
        for member in (ALICE, BOB):
            await service.leave(member, "welcome")
    await hears(BOB, "joined", NOON + DAY)
    assert await at(NOON + 4 * DAY) == [(ALICE, "journey.news", "0")]
    with clock.frozen(NOON + 4 * DAY):
        for _ in range(2):
            for member in (ALICE, BOB, CAMILLE):
                await service.come_back(member, "welcome")
    # The two days of waiting begin anew; Bob joined three days before, and isn't too late.
    assert await at(NOON + 4 * DAY) == [(ALICE, "journey.news", "0"), (BOB, "journey.news", "0")]
    assert (ALICE, "journey.ask", "2") in await at(NOON + 6 * DAY)
    await at(NOON + 15 * DAY)
    assert ("welcome", ALICE, "late") in await runs()
    await service.come_back(ALICE, "welcome")
    assert ("welcome", ALICE, "late") in await runs()


async def test_who_comes_back_is_not_told_of_an_anniversary_that_is_over(database):
    await somebody(ALICE)
    await hears(ALICE, "joined", NOON - 360 * DAY)
    await at(NOON)
    await service.leave(ALICE, "anniversary")
    with clock.frozen(NOON + 30 * DAY):
        await service.come_back(ALICE, "anniversary")
    greeting = (ALICE, "journey.news", "1")
    assert greeting not in await at(NOON + 30 * DAY)
    assert (await at(NOON + 371 * DAY)).count(greeting) == 1


async def test_managers_see_how_many_went_which_way(client, team):
    await somebody(ALICE, BOB, CAMILLE)
    for member in (ALICE, BOB, CAMILLE):
        await hears(member, "joined")
    await at(NOON)
    await hears(BOB, "activity")
    with clock.frozen(NOON):
        await service.leave(CAMILLE, "welcome")
    await at(NOON)
    told = (await client.get("/v1/manage/journeys/welcome/results", headers=team)).json()
    steps = told.pop("steps")
    assert told == {
        "slug": "welcome",
        "version": 1,
        "inside": 1,
        "reached": 1,
        "finished": 0,
        "late": 0,
        "left": 1,
        "inside_earlier": 0,
    }
    assert steps[:2] == [
        {"do": "send", "waiting": 0, "said": 3},
        {"do": "wait", "waiting": 1, "said": 0},
    ]
    unknown = await client.get("/v1/manage/journeys/nothing/results", headers=team)
    assert unknown.json()["code"] == "journey_not_found"


async def test_a_journey_that_is_switched_off_says_nothing_and_goes_on_later(client, team):
    await somebody(ALICE, BOB)
    await hears(ALICE, "joined")
    await at(NOON)
    assert (await client.delete("/v1/manage/journeys/welcome/on", headers=team)).status_code == 200
    await hears(BOB, "joined", NOON + DAY)
    assert len(await at(NOON + 2 * DAY)) == 1
    switched = await client.put("/v1/manage/journeys/welcome/on", headers=team)
    assert switched.json()["is_on"] is True
    # Bob joined a day before, and it is not too late for a welcome.
    assert (await at(NOON + 2 * DAY))[1:] == [
        (ALICE, "journey.ask", "2"),
        (BOB, "journey.news", "0"),
    ]
    trail = await fetch("SELECT action, subject FROM audit_entry WHERE action ^@ 'journeys'")
    assert [tuple(row) for row in trail] == [("journeys.switched", "journey:welcome")] * 2


async def test_who_is_inside_stays_with_the_plan_they_began_with(client, team):
    await somebody(ALICE, BOB)
    await hears(ALICE, "joined")
    await at(NOON)
    read = await client.get("/v1/manage/journeys/welcome", headers=team)
    plan = read.json()["plan"] | {"steps": read.json()["plan"]["steps"][:1]}
    changed = await client.put(
        "/v1/manage/journeys/welcome",
        json=plan,
        headers=team | {"If-Match": read.headers["etag"]},
    )
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    await hears(BOB, "joined", NOON + DAY)
    await at(NOON + DAY)
    assert [run for run in await runs() if run[0] == "welcome"] == [
        ("welcome", ALICE, ""),
        ("welcome", BOB, "finished"),
    ]
    assert (ALICE, "journey.ask", "2") in await at(NOON + 2 * DAY)


@pytest.fixture
async def team(client, join, sign_in):
    """The headers of a manager."""
    await join("max", "Max")
    await execute("UPDATE member SET role = $1", Role.MANAGER.value)
    await execute("DELETE FROM journey_fact")
    return sign_in("max")


@pytest.mark.parametrize(
    ("headers", "changes", "status", "code"),
    [
        pytest.param({}, {}, 428, "precondition_missing", id="without a word on what one saw"),
        pytest.param({"If-Match": '"old"'}, {}, 412, "precondition_failed", id="having seen less"),
        pytest.param(
            {"If-None-Match": "*"}, {}, 412, "precondition_failed", id="as if it were new"
        ),
        pytest.param(
            {"If-Match": "*"}, {"begins": {"on": ["moon"]}}, 422, "journey_invalid", id="wrong"
        ),
        pytest.param(
            {"If-Match": "*"},
            {"name": {"fr": "Vite !!", "en": "Last chance"}},
            422,
            "wording_refused",
            id="pressing",
        ),
        pytest.param({"If-Match": "*"}, {"steps": []}, 422, "invalid", id="malformed"),
        pytest.param({"If-Match": "*"}, {"moon": 1}, 422, "invalid", id="with an unknown field"),
        pytest.param({"If-Match": "*"}, {}, 200, None, id="as it is now"),
    ],
)
async def test_a_plan_is_refused_with_the_place_and_the_reason(
    client, team, headers, changes, status, code
):
    plan = (await client.get("/v1/manage/journeys/success", headers=team)).json()["plan"] | changes
    answer = await client.put("/v1/manage/journeys/success", json=plan, headers=team | headers)
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    if code in {"journey_invalid", "wording_refused"}:
        assert answer.json()["errors"][0]["pointer"] in {"/begins/on/0", "/name/fr"}


async def test_a_new_journey_is_silent_until_it_is_switched_on(client, team):
    plan = (await client.get("/v1/manage/journeys/success", headers=team)).json()["plan"]
    path = "/v1/manage/journeys/second-tier"
    made = await client.put(path, json=plan, headers=team | {"If-None-Match": "*"})
    assert (made.status_code, made.json()["is_on"]) == (200, False)
    listed = (await client.get("/v1/manage/journeys", headers=team)).json()["items"]
    assert [each["slug"] for each in listed] == [
        "anniversary",
        "reactivation",
        "second-tier",
        "success",
        "welcome",
    ]
    assert (await client.put(f"{path}/on", headers=team)).json()["is_on"] is True
    assert [each.slug for each in await keeping.switched_on()].count("second-tier") == 1
    for path in ("/v1/manage/journeys/nothing", "/v1/manage/journeys/nothing/on"):
        method = client.put if path.endswith("on") else client.get
        answer = await method(path, headers=team)
        assert (answer.status_code, answer.json()["code"]) == (404, "journey_not_found")


async def test_a_member_sees_the_journeys_they_are_in_and_leaves_one(client, join, sign_in):
    await join("alice", "Alice")
    headers = sign_in("alice") | {"Accept-Language": "en"}
    await running.by_the_clock()
    listed = (await client.get("/v1/me/journeys", headers=headers)).json()["items"]
    assert [each["slug"] for each in listed] == ["anniversary", "reactivation", "welcome"]
    assert listed[-1]["name"] == "Welcome"
    for _ in range(2):
        left = await client.delete("/v1/me/journeys/welcome", headers=headers)
        assert left.status_code == 204
    listed = (await client.get("/v1/me/journeys", headers=headers)).json()["items"]
    assert [each["slug"] for each in listed] == ["anniversary", "reactivation"]
    [gone] = (await client.get("/v1/me/journeys", headers=headers)).json()["left"]
    assert (gone["slug"], gone["name"]) == ("welcome", "Welcome")
    for _ in range(2):
        back = await client.put("/v1/me/journeys/welcome", headers=headers)
        assert back.status_code == 204
    told = (await client.get("/v1/me/journeys", headers=headers)).json()
    assert (len(told["items"]), told["left"]) == (3, [])
    unknown = await client.put("/v1/me/journeys/nothing", headers=headers)
    assert unknown.json()["code"] == "journey_not_found"
    unknown = await client.delete("/v1/me/journeys/nothing", headers=headers)
    assert unknown.json()["code"] == "journey_not_found"
    gone = await client.request("DELETE", "/v1/me", headers=headers)
    assert gone.is_success, gone.text
    assert await runs() == []
