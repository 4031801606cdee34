"""Proving who one is elsewhere."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from community.claims import service
from community.keys import service as keys
from community.keys.scopes import Scope
from community.members.importing import ImportedPerson, import_members, members_of
from ground import clock
from ground.engine import fetch, fetchval
from tests.community.conftest import OPERATOR
from tests.community.telling import review, tell

pytestmark = pytest.mark.usefixtures("catalogue")

SINCE = datetime(2019, 5, 1, tzinfo=UTC)


async def code_for(client, crm, external_id="4711"):
    response = await client.post("/v1/claim-codes", json={"external_id": external_id}, headers=crm)
    assert response.status_code == 201, response.text
    return response.json()["code"]


async def claim(client, someone, code):
    return await client.post("/v1/me/claims", json={"code": code}, headers=someone.headers)


async def test_a_code_links_alice_to_the_crm(client, alice, crm):
    response = await claim(client, alice, await code_for(client, crm))

    assert response.status_code == 200
    assert response.json()["id"] == str(alice.id)
    [result] = await tell(client, crm, review("external:crm:4711"))
    assert result["status"] == "recorded"
    assert await fetchval("SELECT member_id FROM ledger_entry") == alice.id


async def test_what_was_done_before_becomes_hers(client, alice, crm):
    people = [ImportedPerson(external_id="4711", known_since=SINCE)]
    found = await import_members("crm", people)
    await tell(client, crm, review("external:crm:4711"))

    await claim(client, alice, await code_for(client, crm))

    points = await fetch(
        "SELECT member_id, sum(points) AS points FROM ledger_entry GROUP BY member_id"
    )
    assert {row["member_id"]: row["points"] for row in points} == {alice.id: 5, found["4711"]: 0}
    assert await fetchval("SELECT badge FROM award WHERE taken_back_at IS NULL") == "first-review"
    assert await fetchval("SELECT member_id FROM award WHERE taken_back_at IS NULL") == alice.id
    assert await fetchval("SELECT joined_at FROM player WHERE member_id = $1", alice.id) == SINCE
    [again] = await tell(client, crm, review("external:crm:4711"))
    assert again["status"] == "duplicate"
    [by_id] = await tell(client, crm, review(found["4711"]))
    assert by_id["status"] == "duplicate"


async def test_a_reversal_after_a_merge_finds_its_twin(client, alice, crm):
    await import_members("crm", [ImportedPerson(external_id="4711", known_since=SINCE)])
    [told] = await tell(client, crm, review("external:crm:4711"))
    await claim(client, alice, await code_for(client, crm))

    response = await client.put(f"/v1/activities/{told['id']}/reversal", json={}, headers=crm)

    assert response.status_code == 200
    assert await fetchval("SELECT sum(points) FROM ledger_entry") == 0
    assert await fetchval("SELECT points FROM standing WHERE member_id = $1", alice.id) == 0


async def test_a_code_works_once(client, alice, bob, crm):
    code = await code_for(client, crm)
    await claim(client, alice, code)

    response = await claim(client, bob, code)

    assert (response.status_code, response.json()["code"]) == (422, "claim_code_invalid")
    assert await members_of("crm", ["4711"]) == {"4711": alice.id}


async def test_of_two_who_send_it_at_once_one_has_it(client, alice, bob, crm):
    code = await code_for(client, crm)

    answers = await asyncio.gather(claim(client, alice, code), claim(client, bob, code))

    assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_a_newer_code_replaces_the_one_before(client, alice, crm):
    old = await code_for(client, crm)
    new = await code_for(client, crm)

    assert (await claim(client, alice, old)).status_code == 422
    assert (await claim(client, alice, new)).status_code == 200


async def test_a_code_ends_after_a_week(client, alice, crm):
    code = await code_for(client, crm)

    with clock.shifted(timedelta(days=7, seconds=1)):
        response = await claim(client, alice, code)

    assert response.json()["code"] == "claim_code_invalid"


@pytest.mark.parametrize("code", ["guess", "x" * 100, "' OR 1=1 --", "é"])
async def test_guessed_codes(client, alice, crm, code):
    await code_for(client, crm)

    response = await claim(client, alice, code)

    assert (response.status_code, response.json()["code"]) == (422, "claim_code_invalid")


@pytest.mark.parametrize(
    "body",
    [{"code": ""}, {"code": None}, {"code": 7}, {"code": "x" * 101}, {"member": "me"}, []],
)
async def test_bodies_of_another_shape(client, alice, body):
    response = await client.post("/v1/me/claims", json=body, headers=alice.headers)

    assert response.status_code == 422


async def test_what_alice_proved_stays_hers(client, alice, bob, crm):
    await claim(client, alice, await code_for(client, crm))

    response = await claim(client, bob, await code_for(client, crm))

    assert (response.status_code, response.json()["code"]) == (409, "already_claimed")
    assert await members_of("crm", ["4711"]) == {"4711": alice.id}


async def test_claiming_again_what_is_ones_own_is_fine(client, alice, crm):
    await claim(client, alice, await code_for(client, crm))

    assert (await claim(client, alice, await code_for(client, crm))).status_code == 200


async def test_who_left_and_joined_anew_proves_it_again(client, alice, bob, crm):
    await claim(client, alice, await code_for(client, crm))
    await client.delete("/v1/me", headers=alice.headers)

    response = await claim(client, bob, await code_for(client, crm))

    assert response.status_code == 200
    assert await members_of("crm", ["4711"]) == {"4711": bob.id}


async def test_a_code_is_kept_as_a_digest(client, crm):
    code = await code_for(client, crm)

    row = await fetchval("SELECT to_jsonb(claim_code)::text FROM claim_code")
    assert code not in row
    assert len(code) == 32


async def test_only_systems_with_the_scope_issue_codes(client, alice, database):
    other = await keys.create("Shop", "shop", [Scope.ACTIVITIES_WRITE], by=OPERATOR)
    body = {"external_id": "4711"}

    answers = [
        await client.post("/v1/claim-codes", json=body),
        await client.post("/v1/claim-codes", json=body, headers=alice.headers),
        await client.post("/v1/claim-codes", json=body, headers={"X-API-Key": other.secret}),
    ]

    assert [answer.status_code for answer in answers] == [401, 403, 403]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"external_id": ""},
        {"external_id": "x" * 201},
        {"external_id": 4711},
        {"external_id": "4711", "source": "shop"},
        {"external_id": "a\x00"},
    ],
)
async def test_what_issuing_refuses(client, crm, body):
    response = await client.post("/v1/claim-codes", json=body, headers=crm)

    assert response.status_code == 422
    assert await fetchval("SELECT count(*) FROM claim_code") == 0


async def test_without_a_code_the_address_of_the_token_claims(client, member, crm):
    bea = await member("Bea", email="bea@example.org", email_verified=True)
    people = [ImportedPerson(external_id="9", known_since=SINCE, address="bea@example.org")]
    await import_members("forum", people)

    response = await client.post("/v1/me/claims", json={}, headers=bea.headers)

    assert response.status_code == 200
    assert await members_of("forum", ["9"]) == {"9": bea.id}


async def test_claiming_nothing_is_no_error(client, alice):
    response = await client.post("/v1/me/claims", json={}, headers=alice.headers)

    assert response.status_code == 200


async def test_whoever_just_left_claims_nothing(client, alice, crm):
    code = await code_for(client, crm)
    await client.delete("/v1/me", headers=alice.headers)

    with pytest.raises(service.NotAMemberAnyMore):
        await service.by_code(alice.id, code)
    assert await fetchval("SELECT count(*) FROM external_identity") == 0


async def test_entries_that_come_in_during_a_merge_are_not_lost(client, alice, crm):
    """Whatever waits for the merge is credited to whom it leads to."""
    await import_members("crm", [ImportedPerson(external_id="4711", known_since=SINCE)])
    code = await code_for(client, crm)
    told = [review("external:crm:4711", f"visit-{number}", kind="visit") for number in range(8)]

    answers = await asyncio.gather(
        *(tell(client, crm, each) for each in told[:4]),
        claim(client, alice, code),
        *(tell(client, crm, each) for each in told[4:]),
    )

    statuses = {answer[0]["status"] for answer in answers if isinstance(answer, list)}
    assert statuses == {"recorded"}
    assert await fetchval("SELECT points FROM standing WHERE member_id = $1", alice.id) == 8
