"""Acts and their entries commit together, and nobody changes an entry (I49)."""

import asyncpg
import pytest

from ground import audit
from ground.callers import Caller, CallerKind
from ground.engine import execute, fetch, fetchrow
from ground.errors import Conflict
from ground.roles import Role
from ground.unit_of_work import unit_of_work

MANAGER = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="tests")


async def act():
    async with unit_of_work():
        await audit.record(MANAGER, "trial.acted", subject="member:1", details={"to": "admin"})


async def test_an_act_says_who_what_and_to_whom(database):
    await act()
    row = await fetchrow("SELECT actor, role, action, subject, details FROM audit_entry")
    assert row is not None
    assert dict(row) == {
        "actor": MANAGER.actor,
        "role": "admin",
        "action": "trial.acted",
        "subject": "member:1",
        "details": '{"to": "admin"}',
    }


async def test_an_act_knows_its_request(trials, sign_in):
    headers = sign_in("camille") | {"X-Request-ID": "a-request-1"}
    await trials.post("/v1/trials", json={"name": "A"}, headers=headers)
    [row] = await fetch("SELECT actor, request_id FROM audit_entry")
    assert (row["actor"], row["request_id"]) == ("uid:camille", "a-request-1")


async def test_what_failed_left_no_entry(database):
    async def act_and_fail():
        async with unit_of_work():
            await act()
            raise Conflict

    with pytest.raises(Conflict):
        await act_and_fail()
    assert await fetch("SELECT FROM audit_entry") == []


async def test_an_entry_without_a_transaction_is_refused(database):
    with pytest.raises(RuntimeError):
        await audit.record(MANAGER, "trial.acted", subject="member:1")


@pytest.mark.parametrize(
    "sql",
    ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"],
)
async def test_nobody_changes_an_entry(database, owner, sql):
    await act()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(sql)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute(sql)
    assert len(await fetch("SELECT FROM audit_entry")) == 1
