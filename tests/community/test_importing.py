"""People whom another system knows: they count, and nobody sees or writes to them."""

import asyncio
from datetime import UTC, datetime

import pytest

from community.members import importing
from community.members.importing import ImportedPerson, import_members, members_of
from community.profiles.service import shown_names
from gamification.players.tables import Population
from ground.engine import fetch, fetchrow, fetchval
from tests.community.people import joined, joining

SINCE = datetime(2019, 5, 1, tzinfo=UTC)


def person(external_id: str, address: str | None = None) -> ImportedPerson:
    return ImportedPerson(external_id=external_id, known_since=SINCE, address=address)


async def test_an_import_makes_members_that_nobody_sees(database):
    found = await import_members("forum", [person("1"), person("2", "bea@example.org")])

    assert set(found) == {"1", "2"}
    rows = await fetch("SELECT state, uid, display_name, joined_at FROM member")
    assert {tuple(row) for row in rows} == {("unclaimed", None, "", None)}
    assert await shown_names(list(found.values())) == {}
    assert await fetchval("SELECT count(*) FROM preferences") == 0
    assert await fetchval("SELECT count(*) FROM player WHERE state = 'unclaimed'") == 2


async def test_nothing_that_was_imported_says_who_somebody_is(database):
    await import_members("forum", [person("1", "bea@example.org")])

    row = await fetchrow("SELECT to_jsonb(member)::text AS told FROM member")
    assert row is not None
    assert "bea" not in row["told"]


async def test_importing_again_makes_nobody_new(database):
    first = await import_members("forum", [person("1"), person("2")])

    second = await import_members("forum", [person("2"), person("3"), person("3")])

    assert second["2"] == first["2"]
    assert await fetchval("SELECT count(*) FROM member") == 3


async def test_imports_at_once_make_each_person_once(database):
    people = [person(str(number)) for number in range(200)]

    found = await asyncio.gather(
        *(import_members("forum", people if turn % 2 else people[::-1]) for turn in range(6))
    )

    assert all(each == found[0] for each in found)
    assert await fetchval("SELECT count(*) FROM member") == 200
    assert await fetchval("SELECT count(*) FROM player") == 200


async def test_two_sources_may_use_the_same_id(database):
    one = await import_members("forum", [person("1")])
    other = await import_members("crm", [person("1")])

    assert one["1"] != other["1"]


async def test_the_number_of_statements_does_not_grow(database, statements):
    with statements() as few:
        await import_members("forum", [person("0")])
    with statements() as many:
        await import_members("forum", [person(str(number)) for number in range(1, 5001)])

    assert len(many) == len(few)


async def test_who_left_does_not_come_back_by_an_import(client, alice, crm):
    code = (await client.post("/v1/claim-codes", json={"external_id": "4711"}, headers=crm)).json()[
        "code"
    ]
    await client.post("/v1/me/claims", json={"code": code}, headers=alice.headers)
    await client.delete("/v1/me", headers=alice.headers)

    found = await import_members("crm", [person("4711"), person("4712")])

    assert set(found) == {"4712"}
    assert set(await members_of("crm", ["4711", "4712"])) == {"4712"}


async def test_joining_with_the_address_finds_what_was_imported(client, database, sign_in):
    found = await import_members("forum", [person("1", "Bea@Example.org")])
    bea = sign_in("uid-bea", email="bea@example.org", email_verified=True)

    response = await client.post("/v1/members", json=joining(), headers=bea)

    assert response.status_code == 201
    assert response.json()["id"] == str(found["1"])
    row = await fetchrow("SELECT state, address_digest FROM member")
    assert row is not None
    assert tuple(row) == ("active", None)
    assert await fetchval("SELECT joined_at FROM player") == SINCE


async def test_an_address_that_nobody_verified_finds_nothing(client, database, sign_in):
    found = await import_members("forum", [person("1", "bea@example.org")])
    mallory = sign_in("uid-mallory", email="bea@example.org", email_verified=False)

    response = await client.post("/v1/members", json=joining(), headers=mallory)

    assert response.json()["id"] != str(found["1"])
    assert await fetchval("SELECT count(*) FROM member WHERE state = 'unclaimed'") == 1


async def test_what_two_sources_knew_becomes_one(client, database, sign_in):
    forum = await import_members("forum", [person("1", "bea@example.org")])
    crm = await import_members("crm", [person("77", "bea@example.org")])
    bea = sign_in("uid-bea", email="bea@example.org", email_verified=True)

    response = await client.post("/v1/members", json=joining(), headers=bea)

    mine = response.json()["id"]
    assert mine in {str(forum["1"]), str(crm["77"])}
    for source, name in (("forum", "1"), ("crm", "77")):
        assert {str(each) for each in (await members_of(source, [name])).values()} == {mine}


async def test_an_imported_employee_stays_one(client, database, sign_in):
    people = [
        ImportedPerson(
            external_id="9",
            known_since=SINCE,
            address="emma@example.org",
            population=Population.EMPLOYEE,
        )
    ]
    await import_members("hr", people)
    emma = sign_in("uid-emma", email="emma@example.org", email_verified=True)

    response = await client.post("/v1/members", json=joining(), headers=emma)

    assert response.json()["population"] == "employee"


async def test_two_people_at_once_with_one_address_share_nothing(database):
    found = await import_members("forum", [person("1", "bea@example.org")])

    ids = await asyncio.gather(
        *(joined(f"uid-{number}", "Bea", "bea@example.org") for number in range(5))
    )

    assert len(set(ids)) == 5
    assert found["1"] in ids


@pytest.mark.parametrize("people", [[], ()])
async def test_nobody_can_be_imported(database, people):
    assert await importing.import_members("forum", people) == {}
