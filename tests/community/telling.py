"""How the brand's systems tell what members did."""

from typing import Any

from ground.engine import fetchval

NOON = "2026-11-20T12:00:00Z"


def review(member: Any, key: str = "review-1", **changes: Any) -> dict[str, Any]:
    """A review as the CRM tells it."""
    told = {"key": key, "member": str(member), "kind": "review", "occurred_at": NOON}
    return told | changes


async def tell(client, headers, *told):
    response = await client.post("/v1/activities", json={"activities": list(told)}, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()["results"]


async def points_of(member):
    return await fetchval(
        "SELECT coalesce(sum(points), 0) FROM ledger_entry WHERE member_id = $1", member.id
    )
