"""Withdrawing at any time, without consequence (R20), and coming back."""

import asyncio

import asyncpg
import pytest

from community.members import service, staff
from community.profiles.service import shown_names
from ground.callers import Caller
from ground.engine import fetch, fetchrow, fetchval
from ground.roles import Role
from tests.community.people import joining

SHOWN = {"visibility": "name", "public_visibility": True}


async def test_alice_leaves_at_once_with_a_receipt(client, alice):
    response = await client.delete("/v1/me", headers=alice.headers)

    assert response.status_code == 200
    receipt = response.json()
    assert (receipt["points"], receipt["tier"], receipt["badges"]) == (0, None, [])
    after = await client.get("/v1/me", headers=alice.headers)
    assert after.status_code == 403
    assert after.json()["code"] == "membership_needed"


async def test_nothing_about_her_is_left(client, alice):
    change = SHOWN | {"pseudonym": "Luciole", "time_zone": "Asia/Tokyo"}
    await client.patch("/v1/me", json=change, headers=alice.headers)

    await client.delete("/v1/me", headers=alice.headers)

    row = await fetchrow("SELECT * FROM member WHERE id = $1", alice.id)
    assert row is not None
    left = {"uid": None, "display_name": "", "pseudonym": None, "return_digest": None}
    assert {name: row[name] for name in left} == left
    player = await fetchrow("SELECT * FROM player WHERE member_id = $1", alice.id)
    assert player is not None
    assert (player["state"], player["visibility"]) == ("left", "hidden")
    assert not player["public_visibility"]
    assert await fetchval("SELECT count(*) FROM preferences") == 0
    assert await shown_names([alice.id]) == {}


async def test_no_other_member_sees_her_any_more(client, alice, bob):
    await client.patch("/v1/me", json=SHOWN, headers=alice.headers)
    assert (await client.get(f"/v1/members/{alice.id}", headers=bob.headers)).status_code == 200

    await client.delete("/v1/me", headers=alice.headers)

    assert (await client.get(f"/v1/members/{alice.id}", headers=bob.headers)).status_code == 404


async def test_the_proof_of_consent_stays(client, alice):
    await client.delete("/v1/me", headers=alice.headers)

    assert await fetchval("SELECT member FROM charter_acceptance") == alice.id


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE charter_acceptance SET channel = 'console'",
        "DELETE FROM charter_acceptance",
        "TRUNCATE charter_acceptance CASCADE",
        "UPDATE charter_version SET texts = '{}'",
        "DELETE FROM charter_version",
        "DELETE FROM member",
    ],
)
async def test_nobody_can_rewrite_the_proof(alice, sql, owner):
    with pytest.raises((asyncpg.RestrictViolationError, asyncpg.ForeignKeyViolationError)):
        await owner.execute(sql)


async def test_leaving_twice_is_told(client, alice):
    first, second = await asyncio.gather(
        client.delete("/v1/me", headers=alice.headers),
        client.delete("/v1/me", headers=alice.headers),
    )

    assert sorted([first.status_code, second.status_code]) == [200, 403]


async def test_who_comes_back_starts_a_new_consent(client, alice):
    await client.delete("/v1/me", headers=alice.headers)

    response = await client.post("/v1/members", json=joining(), headers=alice.headers)

    assert response.status_code == 201
    assert response.json()["id"] != str(alice.id)
    lines = await fetch("SELECT member FROM charter_acceptance ORDER BY id")
    assert [str(line["member"]) for line in lines] == [str(alice.id), response.json()["id"]]


async def test_who_said_keep_finds_what_was_earned(client, alice):
    await client.delete("/v1/me?keep=true", headers=alice.headers)

    response = await client.post(
        "/v1/members", json=joining(display_name="Alice again"), headers=alice.headers
    )

    assert response.status_code == 201
    assert response.json()["id"] == str(alice.id)
    assert response.json()["display_name"] == "Alice again"
    assert response.json()["visibility"] == "hidden"
    assert await fetchval("SELECT count(*) FROM charter_acceptance") == 2
    lines = await client.get("/v1/me/charter/acceptances", headers=alice.headers)
    assert len(lines.json()["items"]) == 2


async def test_somebody_else_finds_nothing(client, alice, sign_in):
    await client.delete("/v1/me?keep=true", headers=alice.headers)

    response = await client.post("/v1/members", json=joining(), headers=sign_in("mallory"))

    assert response.json()["id"] != str(alice.id)


async def test_coming_back_ten_times_at_once_is_coming_back_once(client, alice):
    await client.delete("/v1/me?keep=true", headers=alice.headers)

    responses = await asyncio.gather(
        *(client.post("/v1/members", json=joining(), headers=alice.headers) for _ in range(10))
    )

    assert {each.json()["id"] for each in responses} == {str(alice.id)}
    assert sorted(each.status_code for each in responses) == [200] * 9 + [201]


@pytest.mark.parametrize("keep", ["maybe", "2", ""])
async def test_keep_is_yes_or_no(client, alice, keep):
    response = await client.delete(f"/v1/me?keep={keep}", headers=alice.headers)

    assert response.status_code == 422
    assert (await client.get("/v1/me", headers=alice.headers)).status_code == 200


async def test_even_the_last_admin_may_leave(client, member):
    ada = await member("Ada", Role.ADMIN)

    response = await client.delete("/v1/me", headers=ada.headers)

    assert response.status_code == 200
    assert await staff.present() == []
    actor, details = await fetchrow(
        "SELECT actor, details FROM audit_entry ORDER BY id DESC LIMIT 1"
    )
    assert actor == f"member:{ada.id}"
    assert "admin" in details


async def test_who_left_has_no_role_when_coming_back(client, member):
    ada = await member("Ada", Role.ADMIN)
    await client.delete("/v1/me?keep=true", headers=ada.headers)

    response = await client.post("/v1/members", json=joining(), headers=ada.headers)

    assert response.json()["role"] == "ambassador"


async def test_a_sign_in_leads_nowhere_after_leaving(client, alice):
    await client.delete("/v1/me", headers=alice.headers)

    assert await service.identify(alice.uid) is None


async def test_a_request_that_comes_too_late_changes_nothing(client, alice):
    """Another process may know her as a member for five seconds more (T6)."""
    await client.delete("/v1/me", headers=alice.headers)
    late = Caller(member_id=alice.id)

    with pytest.raises(service.NotAMemberAnyMore):
        await service.me(late.member)


async def test_the_receipt_can_be_read_before(client, alice):
    response = await client.get("/v1/me/receipt", headers=alice.headers | {"Accept-Language": "en"})

    assert response.status_code == 200
    assert set(response.json()) == {"joined_at", "issued_at", "points", "tier", "badges"}
