"""What staff does with members."""

from uuid import uuid4

import pytest

from community.members.importing import ImportedPerson, import_members
from ground import clock
from ground.engine import fetch, fetchrow, fetchval
from ground.roles import Role
from tests.community.people import joining
from tests.community.telling import review, tell

ROLES = [Role.MODERATOR, Role.MANAGER, Role.ADMIN]


@pytest.fixture
async def ada(member):
    return await member("Ada", Role.ADMIN)


@pytest.mark.parametrize("role", ROLES)
async def test_staff_sees_members(client, alice, member, role):
    zoe = await member("Zoe", role)

    response = await client.get("/v1/manage/members", headers=zoe.headers)

    assert response.status_code == 200
    assert [each["display_name"] for each in response.json()["items"]] == ["Zoe", "Alice"]
    one = await client.get(f"/v1/manage/members/{alice.id}", headers=zoe.headers)
    assert one.json() == response.json()["items"][1]


async def test_nobody_else_does(client, alice, crm, sign_in):
    answers = [
        await client.get("/v1/manage/members"),
        await client.get("/v1/manage/members", headers=sign_in("candidate")),
        await client.get("/v1/manage/members", headers=alice.headers),
        await client.get("/v1/manage/members", headers=crm),
    ]

    assert [answer.status_code for answer in answers] == [401, 403, 403, 403]


async def test_the_list_is_read_in_pages(client, ada, member):
    for number in range(7):
        await member(f"Member{number}")

    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        address = f"/v1/manage/members?limit=3{cursor}"
        page = (await client.get(address, headers=ada.headers)).json()
        seen += [each["display_name"] for each in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

    assert seen == [f"Member{number}" for number in range(6, -1, -1)] + ["Ada"]


async def test_the_list_tells_states_apart(client, ada, alice):
    await import_members("forum", [ImportedPerson(external_id="1", known_since=clock.now())])
    await client.delete("/v1/me", headers=alice.headers)

    async def names(state: str) -> list[str]:
        address = f"/v1/manage/members?state={state}"
        page = (await client.get(address, headers=ada.headers)).json()
        return [each["display_name"] for each in page["items"]]

    assert await names("active") == ["Ada"]
    assert await names("unclaimed") == [""]
    assert await names("left") == [""]
    assert await names("merged") == []


@pytest.mark.parametrize(
    "query", ["state=asleep", "limit=0", "limit=1000", "cursor=x", "cursor=WzFd"]
)
async def test_questions_that_make_no_sense(client, ada, query):
    response = await client.get(f"/v1/manage/members?{query}", headers=ada.headers)

    assert response.status_code == 422


async def test_an_admin_makes_a_moderator(client, ada, alice):
    response = await client.put(
        f"/v1/manage/members/{alice.id}/role", json={"role": "moderator"}, headers=ada.headers
    )

    assert response.status_code == 200
    assert response.json()["role"] == "moderator"
    listed = await client.get("/v1/manage/members", headers=alice.headers)
    assert listed.status_code == 200
    assert await fetchval("SELECT staff FROM player WHERE member_id = $1", alice.id) is True


async def test_the_change_is_in_the_audit_trail(client, ada, alice):
    """I49."""
    await client.put(
        f"/v1/manage/members/{alice.id}/role", json={"role": "manager"}, headers=ada.headers
    )

    row = await fetchrow("SELECT * FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert row["actor"] == f"member:{ada.id}"
    assert row["action"] == "members.role_changed"
    assert row["subject"] == f"member:{alice.id}"


async def test_a_role_that_ends_opens_nothing_any_more(client, ada, member):
    mona = await member("Mona", Role.MODERATOR)
    await client.get("/v1/manage/members", headers=mona.headers)

    await client.put(
        f"/v1/manage/members/{mona.id}/role", json={"role": "ambassador"}, headers=ada.headers
    )

    response = await client.get("/v1/manage/members", headers=mona.headers)
    assert response.status_code == 403
    assert await fetchval("SELECT staff FROM player WHERE member_id = $1", mona.id) is False


@pytest.mark.parametrize("role", [Role.AMBASSADOR, Role.MODERATOR, Role.MANAGER])
async def test_only_admins_give_roles(client, alice, member, role):
    """T3."""
    mallory = await member("Mallory", role)

    for target in (mallory, alice):
        response = await client.put(
            f"/v1/manage/members/{target.id}/role", json={"role": "admin"}, headers=mallory.headers
        )
        assert response.status_code == 403

    assert await fetchval("SELECT count(*) FROM member WHERE role = 'admin'") == 0


@pytest.mark.parametrize("body", [{"role": "owner"}, {"role": None}, {}, {"role": "admin", "x": 1}])
async def test_roles_that_there_are_not(client, ada, alice, body):
    response = await client.put(
        f"/v1/manage/members/{alice.id}/role", json=body, headers=ada.headers
    )

    assert response.status_code == 422


async def test_there_is_no_role_for_who_is_not_there(client, ada, alice):
    await client.delete("/v1/me", headers=alice.headers)

    for member_id in (alice.id, uuid4()):
        response = await client.put(
            f"/v1/manage/members/{member_id}/role", json={"role": "admin"}, headers=ada.headers
        )
        assert (response.status_code, response.json()["code"]) == (404, "member_not_found")


@pytest.mark.usefixtures("catalogue")
async def test_two_accounts_become_one(client, ada, alice, member, crm):
    other = await member("Alicia")
    await tell(
        client,
        crm,
        review(alice.id, "visit-1", kind="visit"),
        review(other.id, "visit-2", kind="visit"),
        review(other.id, "visit-3", kind="visit"),
    )

    response = await client.put(
        f"/v1/manage/members/{other.id}/successor",
        json={"member": str(alice.id)},
        headers=ada.headers,
    )

    assert response.status_code == 200
    assert response.json()["display_name"] == "Alice"
    either = await client.get("/v1/me", headers=other.headers)
    assert either.json()["id"] == str(alice.id)
    assert await fetchval("SELECT points FROM standing WHERE member_id = $1", alice.id) == 3
    badges = await fetch("SELECT badge FROM award WHERE member_id = $1", alice.id)
    assert [row["badge"] for row in badges] == ["regular"]
    assert await fetchval("SELECT action FROM audit_entry ORDER BY id DESC LIMIT 1") == (
        "members.merged"
    )


async def test_merging_twice_leads_to_the_last(client, ada, alice, bob, member):
    camille = await member("Camille")

    for gone, stays in ((alice, bob), (bob, camille)):
        await client.put(
            f"/v1/manage/members/{gone.id}/successor",
            json={"member": str(stays.id)},
            headers=ada.headers,
        )

    for someone in (alice, bob, camille):
        profile = await client.get("/v1/me", headers=someone.headers)
        assert profile.json()["id"] == str(camille.id)


async def test_a_merge_gives_no_rights(client, ada, alice):
    await client.put(
        f"/v1/manage/members/{ada.id}/successor",
        json={"member": str(alice.id)},
        headers=ada.headers,
    )

    profile = await client.get("/v1/me", headers=ada.headers)
    assert (profile.json()["id"], profile.json()["role"]) == (str(alice.id), "ambassador")


async def test_when_the_survivor_leaves_neither_sign_in_leads_anywhere(client, ada, alice, bob):
    await client.put(
        f"/v1/manage/members/{bob.id}/successor",
        json={"member": str(alice.id)},
        headers=ada.headers,
    )

    await client.delete("/v1/me?keep=true", headers=alice.headers)

    assert (await client.get("/v1/me", headers=bob.headers)).status_code == 403
    fresh = await client.post("/v1/members", json=joining(), headers=bob.headers)
    assert fresh.status_code == 201
    assert fresh.json()["id"] != str(alice.id)


@pytest.mark.parametrize("case", ["itself", "left", "nobody", "into nobody", "into who left"])
async def test_what_cannot_be_merged(client, ada, alice, bob, case):
    await client.delete("/v1/me", headers=bob.headers)
    gone, survivor, status = {
        "itself": (alice.id, alice.id, 409),
        "left": (bob.id, alice.id, 409),
        "nobody": (uuid4(), alice.id, 404),
        "into nobody": (alice.id, uuid4(), 409),
        "into who left": (alice.id, bob.id, 409),
    }[case]

    response = await client.put(
        f"/v1/manage/members/{gone}/successor",
        json={"member": str(survivor)},
        headers=ada.headers,
    )

    assert response.status_code == status
    assert await fetchval("SELECT count(*) FROM member WHERE state = 'merged'") == 0
