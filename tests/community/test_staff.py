"""Who runs the programme, also before they joined."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from community.members import staff
from community.members.errors import MemberNotFound
from community.members.staff import Pending, StaffMember
from ground import clock
from ground.engine import fetch, fetchval
from ground.roles import Role
from tests.community.conftest import OPERATOR
from tests.community.people import joined, joining


async def role_of(member_id):
    return await fetchval("SELECT role FROM member WHERE id = $1", member_id)


async def test_a_member_is_made_admin_by_uid_or_id(alice, bob):
    by_uid = await staff.grant(alice.uid, Role.ADMIN, by=OPERATOR)
    by_id = await staff.grant(str(bob.id), Role.MODERATOR, by=OPERATOR)

    assert by_uid == StaffMember(member_id=alice.id, display_name="Alice", role=Role.ADMIN)
    assert by_id == StaffMember(member_id=bob.id, display_name="Bob", role=Role.MODERATOR)
    assert await fetchval("SELECT count(*) FROM player WHERE staff") == 2


async def test_the_first_admin_is_named_before_they_join(client, database, sign_in):
    waiting = await staff.grant("Ada@Example.org", Role.ADMIN, by=OPERATOR)
    ada = sign_in("uid-ada", email="ada@example.org", email_verified=True)

    response = await client.post("/v1/members", json=joining(), headers=ada)

    assert isinstance(waiting, Pending)
    assert response.json()["role"] == "admin"
    assert await staff.pending() == []
    assert (await client.get("/v1/manage/members", headers=ada)).status_code == 200


async def test_an_address_that_nobody_verified_makes_nobody_admin(client, database, sign_in):
    await staff.grant("ada@example.org", Role.ADMIN, by=OPERATOR)
    mallory = sign_in("uid-mallory", email="ada@example.org", email_verified=False)

    response = await client.post("/v1/members", json=joining(), headers=mallory)

    assert response.json()["role"] == "ambassador"
    assert len(await staff.pending()) == 1


async def test_a_uid_that_has_not_joined_yet(database):
    await staff.grant("uid-ada", Role.MANAGER, by=OPERATOR)

    ada = await joined("uid-ada", "Ada")

    assert await role_of(ada) == "manager"


async def test_a_role_waits_for_a_week_and_no_longer(database):
    await staff.grant("uid-ada", Role.ADMIN, by=OPERATOR)

    with clock.shifted(timedelta(days=7, seconds=1)):
        ada = await joined("uid-ada", "Ada")

        assert await role_of(ada) == "ambassador"
        assert await staff.pending() == []


async def test_a_member_named_by_address_takes_it_up_with_a_claim(client, member):
    ada = await member("Ada", email="ada@example.org", email_verified=True)
    await staff.grant("ada@example.org", Role.ADMIN, by=OPERATOR)

    response = await client.post("/v1/me/claims", json={}, headers=ada.headers)

    assert response.json()["role"] == "admin"


async def test_a_role_that_waited_takes_no_higher_one_away(client, member):
    ada = await member("Ada", Role.ADMIN, email="ada@example.org", email_verified=True)
    await staff.grant("ada@example.org", Role.MODERATOR, by=OPERATOR)

    await client.post("/v1/me/claims", json={}, headers=ada.headers)

    assert await role_of(ada.id) == "admin"


async def test_a_role_is_taken_up_once(database):
    await staff.grant("ada@example.org", Role.ADMIN, by=OPERATOR)

    people = await asyncio.gather(
        *(joined(f"uid-{number}", "Ada", "ada@example.org") for number in range(4))
    )

    assert [await role_of(each) for each in people].count("admin") == 1


async def test_removing_takes_the_role_and_nothing_else(member):
    ada = await member("Ada", Role.ADMIN)

    removed = await staff.withdraw(ada.uid, by=OPERATOR)

    assert removed is not None
    assert removed.role is Role.AMBASSADOR
    assert await staff.present() == []
    assert await fetchval("SELECT state FROM member") == "active"


async def test_removing_forgets_what_waited(database):
    await staff.grant("ada@example.org", Role.ADMIN, by=OPERATOR)

    assert await staff.withdraw("ADA@example.org", by=OPERATOR) is None
    assert await staff.pending() == []


@pytest.mark.parametrize("who", ["uid-nobody", "nobody@example.org", str(UUID(int=7)), ""])
async def test_nobody_can_be_removed(database, who):
    with pytest.raises(MemberNotFound):
        await staff.withdraw(who, by=OPERATOR)


async def test_the_audit_trail_keeps_no_addresses(database):
    """I49, I41."""
    await staff.grant("ada@example.org", Role.ADMIN, by=OPERATOR)
    await joined("uid-ada", "Ada", "ada@example.org")

    rows = await fetch("SELECT action, to_jsonb(audit_entry)::text AS told FROM audit_entry")
    assert [row["action"] for row in rows] == ["staff.granted", "members.role_changed"]
    assert not any("ada@" in row["told"] for row in rows)


async def test_staff_is_listed_by_what_it_may(member):
    for name, role in (("Mona", Role.MODERATOR), ("Ada", Role.ADMIN), ("Max", Role.MANAGER)):
        await member(name, role)

    assert [each.display_name for each in await staff.present()] == ["Ada", "Max", "Mona"]
