"""Systems of the brand take back what they told (I6)."""

import asyncio

import pytest

from ground.engine import fetchval
from tests.community.telling import points_of, review, tell

pytestmark = pytest.mark.usefixtures("catalogue")


async def test_reversing_takes_back_what_followed(client, alice, crm):
    [result] = await tell(client, crm, review(alice.id))
    address = f"/v1/activities/{result['id']}/reversal"

    first = await client.put(address, json={"reason": "refund"}, headers=crm)
    again = await client.put(address, json={}, headers=crm)

    assert first.status_code == again.status_code == 200
    assert first.json() == {"id": result["id"], "status": "reversed"}
    assert await points_of(alice) == 0
    assert await fetchval("SELECT count(*) FROM ledger_entry WHERE reverses IS NOT NULL") == 1
    assert await fetchval("SELECT count(*) FROM award WHERE taken_back_at IS NULL") == 0


async def test_reversing_at_once_writes_one_inverse(client, alice, crm):
    """I6."""
    [result] = await tell(client, crm, review(alice.id))
    address = f"/v1/activities/{result['id']}/reversal"

    await asyncio.gather(*(client.put(address, json={}, headers=crm) for _ in range(10)))

    assert await points_of(alice) == 0
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 2


async def test_another_systems_activity_is_not_there(client, alice, crm, shop):
    """T1."""
    [result] = await tell(client, crm, review(alice.id))

    response = await client.put(f"/v1/activities/{result['id']}/reversal", json={}, headers=shop)

    assert response.status_code == 404
    assert response.json()["code"] == "activity_not_found"
    assert await points_of(alice) == 5


@pytest.mark.parametrize("entry_id", ["0", "-1", "99999", "9" * 25, "one", "1.5"])
async def test_entries_that_are_not_there(client, crm, entry_id):
    response = await client.put(f"/v1/activities/{entry_id}/reversal", json={}, headers=crm)

    assert response.status_code in {404, 422}
    assert response.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("reason", ["", "Alice asked", "REFUND", "a" * 41, None, 7])
async def test_a_reason_is_one_plain_word(client, alice, crm, reason):
    [result] = await tell(client, crm, review(alice.id))

    response = await client.put(
        f"/v1/activities/{result['id']}/reversal", json={"reason": reason}, headers=crm
    )

    assert response.status_code == 422
    assert await points_of(alice) == 5


async def test_systems_reverse_by_their_own_keys(client, alice, bob, crm, shop):
    await tell(client, crm, review(alice.id, "order-1"), review(bob.id, "order-1"))
    await tell(client, shop, review(alice.id, "order-1", kind="visit"))
    body = {"keys": ["order-1", "order-2"], "reason": "refund"}

    first = await client.post("/v1/activities/reversals", json=body, headers=crm)
    again = await client.post("/v1/activities/reversals", json=body, headers=crm)

    assert first.json()["results"] == [
        {"key": "order-1", "status": "reversed", "code": None},
        {"key": "order-2", "status": "rejected", "code": "unknown_key"},
    ]
    assert again.json()["results"][0]["status"] == "duplicate"
    assert await points_of(alice) == 1
    assert await points_of(bob) == 0


async def test_a_key_can_be_sent_again_after_its_reversal_without_effect(client, alice, crm):
    [result] = await tell(client, crm, review(alice.id))
    await client.put(f"/v1/activities/{result['id']}/reversal", json={}, headers=crm)

    [again] = await tell(client, crm, review(alice.id))

    assert again["status"] == "duplicate"
    assert await points_of(alice) == 0
