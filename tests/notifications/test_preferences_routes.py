"""How members say when and of what they want to be told, and managers how often at most."""

from datetime import timedelta

import pytest

from community.members import staff
from ground import clock
from ground.callers import Caller, CallerKind
from ground.engine import fetch
from ground.roles import Role
from tests.notifications.told import NOON

ROUTE = "/v1/me/preferences"
CEILING = "/v1/manage/attention"
OPERATOR = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="tests")


@pytest.fixture(autouse=True)
def noon():
    with clock.frozen(NOON):
        yield


@pytest.fixture
async def alice(join, sign_in):
    await join("alice", "Alice")
    return sign_in("alice")


@pytest.fixture
async def max_(join, sign_in):
    await staff.give(await join("max", "Max"), Role.MANAGER, by=OPERATOR)
    return sign_in("max")


async def test_who_says_nothing_is_left_alone_at_night_and_asked_twice_a_week(client, alice):
    wishes = (await client.get(ROUTE, headers=alice)).json()
    assert wishes["quiet_hours"] == {"since": "21:00", "until": "08:00"}
    assert (wishes["asks"], wishes["asks_at_most"], wishes["asks_days"]) == (2, 2, 7)
    assert (wishes["lock_screen"], wishes["digest"]) == (False, "weekly")
    kinds = {each["category"]: each for each in wishes["categories"]}
    assert kinds["activity.held"]["switchable"] == []
    assert kinds["badge.earned"]["switchable"] == ["push", "digest"] or set(
        kinds["badge.earned"]["switchable"]
    ) == {"live", "push", "digest"}
    assert kinds["badge.earned"]["label"] == "Les badges que vous gagnez"
    # For managers alone, and what nobody sends.
    assert {"campaign.test", "thanks.received"} & set(kinds) == set()


async def test_what_is_given_changes_and_the_rest_stays(client, alice):
    changes = [
        {"quiet_hours": {"since": "12:30", "until": "14:00"}, "quiet_days": ["sunday", "saturday"]},
        {"asks": 1, "digest": "never", "lock_screen": True},
        {"paused_until": "2026-11-30T08:00:00Z"},
        {"categories": {"badge.earned": {"push": False}}},
        {"categories": {"challenge.opened": {"inbox": False}}},
    ]
    for change in changes:
        answer = await client.patch(ROUTE, json=change, headers=alice)
        assert answer.status_code == 200, answer.text
    wishes = answer.json()
    assert wishes["quiet_hours"] == {"since": "12:30", "until": "14:00"}
    assert wishes["quiet_days"] == ["saturday", "sunday"]
    assert (wishes["asks"], wishes["digest"], wishes["lock_screen"]) == (1, "never", True)
    assert wishes["paused_until"] == "2026-11-30T08:00:00Z"
    kinds = {each["category"]: each["channels"] for each in wishes["categories"]}
    assert kinds["badge.earned"]["push"] is False
    assert kinds["challenge.opened"]["inbox"] is False

    again = {"quiet_hours": None, "paused_until": None, "asks": None}
    wishes = (await client.patch(ROUTE, json=again, headers=alice)).json()
    assert (wishes["quiet_hours"], wishes["paused_until"], wishes["asks"]) == (None, None, 2)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"quiet_hours": {"since": "24:00", "until": "08:00"}}, id="no such hour"),
        pytest.param({"quiet_hours": {"since": "8:00", "until": "09:00"}}, id="not written so"),
        pytest.param({"quiet_hours": {"since": "21:00"}}, id="half of it"),
        pytest.param({"quiet_days": ["someday"]}, id="no such day"),
        pytest.param({"asks": 21}, id="too often"),
        pytest.param({"asks": -1}, id="less than never"),
        pytest.param({"digest": "hourly"}, id="no such digest"),
        pytest.param({"paused_until": "2026-11-30T08:00:00"}, id="a moment without a zone"),
        pytest.param({"paused_until": "2028-11-30T08:00:00Z"}, id="a pause of two years"),
        pytest.param({"categories": {"nonsense": {"push": False}}}, id="no such category"),
        pytest.param({"categories": {"badge.earned": {"pigeon": False}}}, id="no such channel"),
        pytest.param(
            {"categories": {"badge.earned": {"inbox": False}}}, id="news stay in the inbox"
        ),
        pytest.param(
            {"categories": {"activity.held": {"push": False}}}, id="service is always said"
        ),
        pytest.param({"locale": "en"}, id="what is changed with the profile"),
        pytest.param({"budget": 3}, id="what nobody knows"),
    ],
)
async def test_what_can_not_be_wished(client, alice, change):
    """I40."""
    before = (await client.get(ROUTE, headers=alice)).json()
    answer = await client.patch(ROUTE, json=change, headers=alice)
    assert answer.status_code == 422, answer.text
    assert (await client.get(ROUTE, headers=alice)).json() == before


async def test_a_members_number_counts_below_the_managers_ceiling(client, alice, max_):
    """I49."""
    await client.patch(ROUTE, json={"asks": 5}, headers=alice)
    assert (await client.get(ROUTE, headers=alice)).json()["asks"] == 2

    put = await client.put(CEILING, json={"asks": 6, "days": 30}, headers=max_)
    assert (put.status_code, put.json()) == (200, {"asks": 6, "days": 30})
    assert (await client.get(CEILING, headers=max_)).json() == put.json()
    wishes = (await client.get(ROUTE, headers=alice)).json()
    assert (wishes["asks"], wishes["asks_at_most"], wishes["asks_days"]) == (5, 6, 30)
    [entry] = await fetch("SELECT details FROM audit_entry WHERE action = 'attention.ceiling_set'")
    assert '"before":{"asks":2,"days":7}' in entry["details"].replace(" ", "")

    for wrong in ({"asks": 21, "days": 7}, {"asks": 1, "days": 0}, {"asks": 1}):
        assert (await client.put(CEILING, json=wrong, headers=max_)).status_code == 422
    assert (
        await client.put(CEILING, json={"asks": 1, "days": 7}, headers=alice)
    ).status_code == 403


async def test_a_pause_that_ends_in_the_past_is_none(client, alice):
    past = (NOON - timedelta(days=1)).isoformat()
    answer = await client.patch(ROUTE, json={"paused_until": past}, headers=alice)
    assert answer.status_code == 200
