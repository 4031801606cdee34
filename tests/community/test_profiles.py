"""What members see of each other."""

from uuid import uuid4

import pytest

from community.profiles.service import ShownName, shown_names
from gamification.players.tables import Visibility


async def test_bob_sees_alice_as_she_chose(client, alice, bob):
    shown = {"visibility": "pseudonym", "pseudonym": "Luciole"}
    await client.patch("/v1/me", json=shown, headers=alice.headers)

    response = await client.get(f"/v1/members/{alice.id}", headers=bob.headers)

    assert response.status_code == 200
    assert response.json() == {"id": str(alice.id), "name": "Luciole"}


async def test_whoever_is_hidden_is_not_there(client, alice, bob):
    hidden = await client.get(f"/v1/members/{alice.id}", headers=bob.headers)
    nobody = await client.get(f"/v1/members/{uuid4()}", headers=bob.headers)

    assert hidden.status_code == nobody.status_code == 404
    assert hidden.json()["code"] == nobody.json()["code"] == "member_not_found"
    assert "Alice" not in hidden.text


@pytest.mark.parametrize("member_id", ["1", "me2", "0", "%00", "a" * 400, "' OR 1=1 --"])
async def test_forged_ids_lead_nowhere(client, alice, member_id):
    response = await client.get(f"/v1/members/{member_id}", headers=alice.headers)

    assert response.status_code in {404, 422}
    assert response.headers["content-type"].startswith("application/problem+json")


async def test_strangers_see_nobody(client, alice, sign_in):
    await client.patch("/v1/me", json={"visibility": "name"}, headers=alice.headers)

    assert (await client.get(f"/v1/members/{alice.id}")).status_code == 401
    candidate = sign_in("nobody")
    response = await client.get(f"/v1/members/{alice.id}", headers=candidate)
    assert response.status_code == 403


async def test_names_are_joined_in_one_go(client, alice, bob, member):
    camille = await member("Camille")
    shown = {"visibility": "name", "public_visibility": True}
    await client.patch("/v1/me", json=shown, headers=alice.headers)
    await client.patch("/v1/me", json={"visibility": "name"}, headers=bob.headers)

    inside = await shown_names([alice.id, bob.id, camille.id, uuid4()])
    outside = await shown_names([alice.id, bob.id, camille.id], on_public_sites=True)

    assert inside == {
        alice.id: ShownName(member_id=alice.id, name="Alice", shown_as=Visibility.NAME),
        bob.id: ShownName(member_id=bob.id, name="Bob", shown_as=Visibility.NAME),
    }
    assert set(outside) == {alice.id}
    assert await shown_names([]) == {}
