"""Joining of one's own will (R10 to R12, R17 to R22)."""

import asyncio

import pytest

from community.charter import service as charter
from community.members import admission
from community.members.admission import Admission
from gamification.players.tables import Population
from ground.engine import fetch, fetchval
from ground.languages import Language
from tests.community.conftest import OPERATOR
from tests.community.people import joining

BIDI = "Ali\u202ece"


async def test_alice_joins_and_sees_her_profile(client, sign_in):
    alice = sign_in("alice")

    response = await client.post("/v1/members", json=joining(), headers=alice)

    assert response.status_code == 201
    assert response.headers["location"] == "/v1/me"
    profile = response.json()
    assert profile | {"id": "", "joined_at": ""} == {
        "id": "",
        "display_name": "Alice Martin",
        "pseudonym": None,
        "role": "ambassador",
        "population": "customer",
        "locale": "fr",
        "time_zone": "Europe/Paris",
        "visibility": "hidden",
        "public_visibility": False,
        "joined_at": "",
        "charter": {"accepted_version": 1, "current_version": 1},
    }
    again = await client.get("/v1/me", headers=alice)
    assert again.json() == profile


async def test_joining_leaves_a_proof_of_consent(client, sign_in):
    await client.post("/v1/members", json=joining(locale="en"), headers=sign_in("alice"))

    [line] = await fetch("SELECT version, channel, locale FROM charter_acceptance")
    assert tuple(line) == (1, "app", "en")


async def test_joining_twice_changes_nothing(client, sign_in):
    alice = sign_in("alice")
    first = await client.post("/v1/members", json=joining(), headers=alice)

    second = await client.post(
        "/v1/members", json=joining(display_name="Somebody Else"), headers=alice
    )

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert await fetchval("SELECT count(*) FROM charter_acceptance") == 1


async def test_joining_ten_times_at_once_makes_one_member(client, sign_in):
    alice = sign_in("alice")

    responses = await asyncio.gather(
        *(client.post("/v1/members", json=joining(), headers=alice) for _ in range(10))
    )

    assert sorted(each.status_code for each in responses) == [200] * 9 + [201]
    assert len({each.text for each in responses}) == 1
    assert await fetchval("SELECT count(*) FROM member") == 1
    assert await fetchval("SELECT count(*) FROM charter_acceptance") == 1


async def test_the_same_name_is_no_obstacle(client, sign_in):
    for uid in ("alice-one", "alice-two"):
        response = await client.post("/v1/members", json=joining(), headers=sign_in(uid))
        assert response.status_code == 201


async def test_an_outdated_charter_is_not_accepted(client, sign_in):
    texts = {Language.FRENCH: "# Nouvelle charte", Language.ENGLISH: "# New charter"}
    await charter.publish(texts, by=OPERATOR)

    response = await client.post(
        "/v1/members", json=joining(charter_version=1), headers=sign_in("alice")
    )

    assert response.status_code == 422
    assert response.json()["code"] == "charter_outdated"
    assert response.json()["errors"] == [
        {"pointer": "/charter_version", "detail": "the current version is 2"}
    ]
    assert await fetchval("SELECT count(*) FROM member") == 0


async def test_a_version_that_nobody_published_is_not_accepted(client, sign_in):
    response = await client.post(
        "/v1/members", json=joining(charter_version=99), headers=sign_in("alice")
    )

    assert response.json()["code"] == "charter_outdated"


async def test_nobody_joins_before_there_is_a_charter(client, sign_in, owner):
    await owner.empty(["charter_version"])

    response = await client.post("/v1/members", json=joining(), headers=sign_in("alice"))

    assert response.status_code == 503
    assert response.json()["code"] == "charter_unpublished"


async def test_of_a_child_nothing_is_stored(client, sign_in):
    response = await client.post(
        "/v1/members", json=joining(old_enough=False), headers=sign_in("leo")
    )

    assert response.status_code == 422
    assert response.json()["code"] == "too_young"
    for table in ("member", "player", "preferences", "charter_acceptance", "audit_entry"):
        assert await fetchval(f"SELECT count(*) FROM {table}") == 0


@pytest.mark.parametrize("population", ["employee", "partner"])
async def test_nobody_makes_themselves_a_partner(client, sign_in, population):
    response = await client.post(
        "/v1/members", json=joining(population=population), headers=sign_in("mallory")
    )

    assert response.status_code == 422
    assert response.json()["code"] == "population_not_open"
    assert await fetchval("SELECT count(*) FROM member") == 0


async def test_employees_join_where_the_programme_invites_them(client, sign_in):
    before = admission.admission()
    admission.decide(Admission(open_populations=frozenset(Population)))
    try:
        response = await client.post(
            "/v1/members", json=joining(population="employee"), headers=sign_in("emma")
        )
    finally:
        admission.decide(before)

    assert response.json()["population"] == "employee"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"display_name": ""}, "/display_name", id="an empty name"),
        pytest.param({"display_name": "   "}, "/display_name", id="a name of spaces"),
        pytest.param({"display_name": "a" * 61}, "/display_name", id="a name that is too long"),
        pytest.param({"display_name": "a" * 5000}, "/display_name", id="a novel as a name"),
        pytest.param({"display_name": BIDI}, "/display_name", id="a name that turns round"),
        pytest.param({"display_name": "Al\nice"}, "/display_name", id="a name of two lines"),
        pytest.param({"display_name": 7}, "/display_name", id="a number as a name"),
        pytest.param({"display_name": None}, "/display_name", id="no name"),
        pytest.param({"locale": "tlh"}, "/locale", id="a language that isn't shipped"),
        pytest.param({"time_zone": "Mars/Olympus"}, "/time_zone", id="a zone on Mars"),
        pytest.param({"time_zone": "../etc/passwd"}, "/time_zone", id="a path as a zone"),
        pytest.param({"time_zone": "Factory"}, "/time_zone", id="a zone that is none"),
        pytest.param({"charter_version": 0}, "/charter_version", id="version zero"),
        pytest.param({"charter_version": 2**40}, "/charter_version", id="a huge version"),
        pytest.param({"charter_version": "1"}, "/charter_version", id="a version as a text"),
        pytest.param({"old_enough": "yes"}, "/old_enough", id="yes as a text"),
        pytest.param({"population": "owner"}, "/population", id="an unknown population"),
    ],
)
async def test_what_joining_refuses(client, sign_in, change, pointer):
    response = await client.post("/v1/members", json=joining(**change), headers=sign_in("alice"))

    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert await fetchval("SELECT count(*) FROM member") == 0


@pytest.mark.parametrize(
    "field",
    ["id", "uid", "role", "state", "points", "tier", "staff", "joined_at", "visibility", "email"],
)
async def test_server_owned_fields_are_never_taken(client, sign_in, field):
    """I40, T2."""
    response = await client.post(
        "/v1/members", json=joining(**{field: "admin"}), headers=sign_in("mallory")
    )

    assert response.status_code == 422
    assert await fetchval("SELECT count(*) FROM member") == 0


@pytest.mark.parametrize("missing", sorted(joining()))
async def test_every_answer_is_needed(client, sign_in, missing):
    body = {name: value for name, value in joining().items() if name != missing}

    response = await client.post("/v1/members", json=body, headers=sign_in("alice"))

    assert response.status_code == 422


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(b"{", 400, id="half an object"),
        pytest.param(b"", 400, id="nothing"),
        pytest.param(b"[]", 422, id="a list"),
        pytest.param(b'"join me"', 422, id="a text"),
        pytest.param(b'{"display_name": "\xff"}', 400, id="no UTF-8"),
        pytest.param(b"[" * 5000, 400, id="a well of brackets"),
    ],
)
async def test_malformed_bodies(client, sign_in, content, status):
    response = await client.post(
        "/v1/members",
        content=content,
        headers=sign_in("alice") | {"Content-Type": "application/json"},
    )

    assert response.status_code == status
    assert await fetchval("SELECT count(*) FROM member") == 0


async def test_strangers_and_systems_do_not_join(client, crm):
    assert (await client.post("/v1/members", json=joining())).status_code == 401
    assert (await client.post("/v1/members", json=joining(), headers=crm)).status_code == 403
    assert await fetchval("SELECT count(*) FROM member") == 0


async def test_a_name_with_markup_comes_back_as_it_was_sent(client, sign_in):
    name = "<img src=x onerror=alert(1)>"

    response = await client.post(
        "/v1/members", json=joining(display_name=name), headers=sign_in("alice")
    )

    assert response.json()["display_name"] == name
    assert response.headers["content-type"].startswith("application/json")
