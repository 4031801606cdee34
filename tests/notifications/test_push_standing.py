"""Staff sees whether pushes leave and why not, and lets them go on."""

from datetime import UTC, datetime, timedelta

import pytest

from community.members import staff
from ground import clock
from ground.callers import Caller, CallerKind
from ground.engine import fetch
from ground.roles import Role
from notifications.push import gate
from notifications.push.faults import Fault
from notifications.push.views import ADVICE
from tests.community.people import joined
from tests.notifications.sandbox import device, handed

PUSH = "/v1/manage/push"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
async def of(sign_in, database):
    async def headers(role):
        by = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="tests")
        await staff.give(await joined(role.value, "Camille"), role, by=by)
        return sign_in(role.value)

    return headers


async def test_a_manager_sees_what_is_stopped_and_what_is_only_held(client, of):
    headers = await of(Role.MANAGER)
    assert (await client.get(PUSH, headers=headers)).json() == {"waiting": 0, "items": []}

    with clock.frozen(NOON):
        await handed([await device("token-of-alice"), await device("token-of-bob")])
        for project in ("broken", "busy", "fine"):
            await gate.look(project)
        await gate.stop("broken", Fault.THIRD_PARTY_AUTH)
        await gate.hold("busy", timedelta(seconds=90), Fault.QUOTA_EXCEEDED)
        told = (await client.get(PUSH, headers=headers)).json()
    assert told["waiting"] == 2
    nothing = {"because": None, "stopped_at": None, "held_until": None, "advice": ""}
    assert told["items"] == [
        nothing
        | {"project": "broken", "state": "stopped", "because": "third_party_auth_error"}
        | {"stopped_at": "2026-11-20T12:00:00Z", "advice": ADVICE[Fault.THIRD_PARTY_AUTH]},
        nothing
        | {"project": "busy", "state": "held", "because": "quota_exceeded"}
        | {"held_until": "2026-11-20T12:01:30Z", "advice": "It passes by itself."},
        nothing | {"project": "fine", "state": "running"},
    ]

    with clock.frozen(NOON + timedelta(minutes=2)):
        later = (await client.get(PUSH, headers=headers)).json()
    assert [each["state"] for each in later["items"]] == ["stopped", "running", "running"]


async def test_a_manager_lets_pushes_go_on_and_twice_is_once(client, of):
    headers = await of(Role.MANAGER)
    await gate.stop("broken", Fault.SENDER_ID_MISMATCH)
    for _ in range(2):
        answer = await client.put(f"{PUSH}/resumed", headers=headers)
        assert answer.status_code == 200, answer.text
        assert [each["state"] for each in answer.json()["items"]] == ["running"]
    noted = await fetch("SELECT subject FROM audit_entry WHERE action = 'push.resumed'")
    assert [row["subject"] for row in noted] == ["project:broken"]
