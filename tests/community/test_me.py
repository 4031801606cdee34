"""A member's own profile, and how it is changed."""

import asyncio

import pytest

from ground.engine import fetchrow

HIDDEN = {"visibility": "hidden", "public_visibility": False}


async def test_alice_changes_what_she_gives_and_nothing_else(client, alice):
    before = (await client.get("/v1/me", headers=alice.headers)).json()

    response = await client.patch(
        "/v1/me", json={"display_name": " Alice  Martin "}, headers=alice.headers
    )

    assert response.status_code == 200
    assert response.json() == before | {"display_name": "Alice Martin"}


async def test_all_of_it_can_be_changed(client, alice):
    change = {
        "display_name": "Alix",
        "pseudonym": "Luciole",
        "locale": "en",
        "time_zone": "America/Montreal",
        "visibility": "pseudonym",
        "public_visibility": True,
    }

    await client.patch("/v1/me", json=change, headers=alice.headers)

    profile = (await client.get("/v1/me", headers=alice.headers)).json()
    assert {name: profile[name] for name in change} == change


async def test_an_empty_change_changes_nothing(client, alice):
    before = await client.get("/v1/me", headers=alice.headers)

    after = await client.patch("/v1/me", json={}, headers=alice.headers)

    assert after.status_code == 200
    assert after.json() == before.json()


async def test_everybody_is_hidden_until_they_choose(client, alice):
    profile = (await client.get("/v1/me", headers=alice.headers)).json()

    assert {name: profile[name] for name in HIDDEN} == HIDDEN


async def test_hiding_from_members_hides_from_public_sites(client, alice):
    shown = {"visibility": "name", "public_visibility": True}
    await client.patch("/v1/me", json=shown, headers=alice.headers)

    response = await client.patch("/v1/me", json={"visibility": "hidden"}, headers=alice.headers)

    assert {name: response.json()[name] for name in HIDDEN} == HIDDEN


async def test_leaving_public_sites_leaves_one_visible_to_members(client, alice):
    shown = {"visibility": "name", "public_visibility": True}
    await client.patch("/v1/me", json=shown, headers=alice.headers)

    response = await client.patch(
        "/v1/me", json={"public_visibility": False}, headers=alice.headers
    )

    assert response.json()["visibility"] == "name"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"public_visibility": True}, "/public_visibility", id="public while hidden"),
        pytest.param(
            {"visibility": "hidden", "public_visibility": True},
            "/public_visibility",
            id="hidden and public at once",
        ),
        pytest.param({"visibility": "pseudonym"}, "/pseudonym", id="a pseudonym that there isn't"),
        pytest.param(
            {"visibility": "pseudonym", "pseudonym": None}, "/pseudonym", id="taking it away"
        ),
        pytest.param({"visibility": "everybody"}, "/visibility", id="an unknown visibility"),
        pytest.param({"visibility": None}, "/visibility", id="no visibility"),
        pytest.param({"public_visibility": "true"}, "/public_visibility", id="true as a text"),
        pytest.param({"display_name": None}, "/display_name", id="no name"),
        pytest.param({"display_name": "\u202eecilA"}, "/display_name", id="a name that turns"),
        pytest.param({"pseudonym": ""}, "/pseudonym", id="an empty pseudonym"),
        pytest.param({"pseudonym": "\u200b"}, "/pseudonym", id="an invisible pseudonym"),
        pytest.param({"pseudonym": "a" * 61}, "/pseudonym", id="a pseudonym too long"),
        pytest.param({"time_zone": "Europe/Atlantis"}, "/time_zone", id="a sunken zone"),
        pytest.param({"time_zone": ""}, "/time_zone", id="no zone"),
        pytest.param({"locale": "de"}, "/locale", id="a language that isn't shipped"),
    ],
)
async def test_what_a_change_refuses(client, alice, change, pointer):
    before = await client.get("/v1/me", headers=alice.headers)

    response = await client.patch(
        "/v1/me", json={"display_name": "Alix"} | change, headers=alice.headers
    )

    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    after = await client.get("/v1/me", headers=alice.headers)
    assert after.json() == before.json()


async def test_the_pseudonym_one_appears_under_cannot_vanish(client, alice):
    shown = {"visibility": "pseudonym", "pseudonym": "Luciole"}
    await client.patch("/v1/me", json=shown, headers=alice.headers)

    response = await client.patch("/v1/me", json={"pseudonym": None}, headers=alice.headers)

    assert response.status_code == 422
    both = await client.patch(
        "/v1/me", json={"pseudonym": None, "visibility": "name"}, headers=alice.headers
    )
    assert both.json()["pseudonym"] is None


@pytest.mark.parametrize(
    "field", ["id", "role", "state", "population", "points", "tier", "staff", "joined_at", "uid"]
)
async def test_server_owned_fields_are_never_changed(client, alice, field):
    """I40, T2."""
    before = await client.get("/v1/me", headers=alice.headers)

    response = await client.patch("/v1/me", json={field: "admin"}, headers=alice.headers)

    assert response.status_code == 422
    assert (await client.get("/v1/me", headers=alice.headers)).json() == before.json()


async def test_one_acts_only_as_oneself(client, alice, bob):
    """I39, T1: whoever is acted for comes from the token, whatever the request says."""
    response = await client.patch(
        f"/v1/me?member_id={bob.id}", json={"display_name": "Hacked"}, headers=alice.headers
    )

    profile = (await client.get("/v1/me", headers=bob.headers)).json()
    assert response.json()["id"] == str(alice.id)
    assert profile["display_name"] == "Bob"


async def test_two_changes_at_once_both_hold(client, alice):
    await asyncio.gather(
        client.patch("/v1/me", json={"display_name": "Alix"}, headers=alice.headers),
        client.patch("/v1/me", json={"pseudonym": "Luciole"}, headers=alice.headers),
        client.patch("/v1/me", json={"locale": "en"}, headers=alice.headers),
    )

    profile = (await client.get("/v1/me", headers=alice.headers)).json()
    assert profile["display_name"] == "Alix"
    assert profile["pseudonym"] == "Luciole"
    assert profile["locale"] == "en"


async def test_who_has_not_joined_has_no_profile(client, sign_in):
    for method in ("GET", "DELETE"):
        response = await client.request(method, "/v1/me", headers=sign_in("nobody"))
        assert response.status_code == 403
        assert response.json()["code"] == "membership_needed"


async def test_choices_reach_those_who_need_them(client, alice):
    change = {"visibility": "name", "time_zone": "Asia/Tokyo"}
    await client.patch("/v1/me", json=change, headers=alice.headers)

    player = await fetchrow("SELECT * FROM player WHERE member_id = $1", alice.id)
    preferences = await fetchrow("SELECT * FROM preferences WHERE member_id = $1", alice.id)
    assert player is not None
    assert preferences is not None
    assert (player["visibility"], preferences["time_zone"]) == ("name", "Asia/Tokyo")
