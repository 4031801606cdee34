"""The keys of the brand's systems, as admins look after them over HTTP."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from community.keys import service
from community.keys.scopes import Scope
from ground import clock, idempotency
from ground.engine import execute, fetch, fetchval
from ground.roles import Role
from ground.sealing import seal, unseal
from tests.community.conftest import OPERATOR
from tests.community.telling import review

KEYS = "/v1/manage/keys"
CRM = {"name": "CRM", "source": "crm", "scopes": ["activities:write"]}
DAY = 86_400


@pytest.fixture
async def admin(member):
    return (await member("Ada", Role.ADMIN)).headers


@pytest.fixture
def call(client, admin):
    """Call as an admin. Path parts after the address of keys; a body makes it a POST."""

    async def called(*path, method=None, body=None, params=None, **headers):
        address = "/".join([KEYS, *map(str, path)])
        method = method or ("GET" if body is None else "POST")
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.request(method, address, json=body, params=params, headers=admin | more)

    return called


@pytest.fixture
async def made(call):
    """A key of the CRM, and its secret."""
    answer = await call(body=CRM)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def opens(client, secret):
    """What an ingestion with this secret answers."""
    body = {"activities": [review(uuid4())]}
    answer = await client.post("/v1/activities", json=body, headers={"X-API-Key": secret})
    return answer.status_code


async def test_a_key_is_made_and_its_secret_told_once(client, call, made):
    key, secret = made["key"], made["secret"]

    assert secret.startswith("sk_")
    assert key["prefix"] == secret[:11]
    assert (key["name"], key["source"], key["state"]) == ("CRM", "crm", "active")
    assert key["scopes"] == ["activities:write"]
    assert key["last_used_at"] is key["expires_at"] is key["revoked_at"] is None
    assert await opens(client, secret) == 200
    for answer in (await call(), await call(key["id"])):
        assert answer.status_code == 200
        assert secret not in answer.text
    assert "secret" not in (await call(key["id"])).json()


async def test_a_key_may_have_an_end(client, call):
    with clock.frozen(datetime(2026, 11, 21, 10, tzinfo=UTC)):
        answer = await call(body=CRM | {"lasts_seconds": DAY})

    assert answer.json()["key"]["expires_at"] == "2026-11-22T10:00:00Z"
    with clock.frozen(datetime(2026, 11, 22, 10, tzinfo=UTC)):
        read = await call(answer.json()["key"]["id"])
    assert read.json()["state"] == "expired"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"name": ""}, "/name", id="no name"),
        pytest.param({"name": "  "}, "/name", id="a blank name"),
        pytest.param({"name": "a" * 61}, "/name", id="a name too long"),
        pytest.param({"name": "C\u202eRM"}, "/name", id="a name that turns round"),
        pytest.param({"name": None}, "/name", id="null for a name"),
        pytest.param({"source": "C R M"}, "/source", id="a source with spaces"),
        pytest.param({"source": "ambassade"}, "/source", id="our own source"),
        pytest.param({"source": "a" * 41}, "/source", id="a source too long"),
        pytest.param({"scopes": []}, "/scopes", id="no scope"),
        pytest.param({"scopes": ["everything"]}, "/scopes/0", id="an unknown scope"),
        pytest.param({"scopes": "activities:write"}, "/scopes", id="a text of scopes"),
        pytest.param({"lasts_seconds": 59}, "/lasts_seconds", id="too short a time"),
        pytest.param({"lasts_seconds": 10**12}, "/lasts_seconds", id="too long a time"),
        pytest.param({"secret": "sk_mine"}, "/secret", id="a secret of one's own"),
        pytest.param({"state": "active"}, "/state", id="what the server owns"),
    ],
)
async def test_keys_that_are_not_made_over_http(call, change, pointer):
    answer = await call(body=CRM | change)

    assert answer.status_code == 422, answer.text
    assert [wrong["pointer"] for wrong in answer.json()["errors"]] == [pointer]
    assert await fetchval("SELECT count(*) FROM integration_key") == 0


async def test_a_second_key_for_a_source_is_refused(call, made):
    answer = await call(body=CRM)

    assert (answer.status_code, answer.json()["code"]) == (409, "source_taken")


async def test_the_same_idempotency_key_tells_the_same_secret_and_keeps_it_nowhere(call):
    first = await call(body=CRM, idempotency_key="7b0c5a9e")
    again = await call(body=CRM, idempotency_key="7b0c5a9e")

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert await fetchval("SELECT count(*) FROM integration_key") == 1
    kept = await fetchval("SELECT body FROM idempotency_key")
    assert first.json()["secret"].encode() not in kept
    assert b"crm" not in kept


async def test_an_idempotency_key_doesn_t_open_the_answer_to_another_body(call):
    await call(body=CRM, idempotency_key="7b0c5a9e")
    answer = await call(body=CRM | {"name": "Other"}, idempotency_key="7b0c5a9e")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert await idempotency.purge() == 0


def test_what_is_sealed_opens_with_the_same_word_at_the_same_place_only():
    kept = seal("word", b"place", b"sk_secret")

    assert unseal("word", b"place", kept) == b"sk_secret"
    assert seal("word", b"place", b"sk_secret") != kept
    for word, place in (("other", b"place"), ("word", b"elsewhere")):
        with pytest.raises(Exception, match=r"^$"):
            unseal(word, place, kept)


async def test_after_a_rotation_both_secrets_work_for_a_day(client, call, made):
    answer = await call(made["key"]["id"], "rotation", body={})

    new = answer.json()
    assert answer.status_code == 201
    assert new["secret"] != made["secret"]
    assert (new["key"]["source"], new["key"]["state"]) == ("crm", "active")
    assert await opens(client, made["secret"]) == 200
    assert await opens(client, new["secret"]) == 200
    old = (await call(made["key"]["id"])).json()
    assert old["state"] == "replaced"
    lasts = datetime.fromisoformat(old["expires_at"]) - datetime.fromisoformat(old["replaced_at"])
    assert lasts == timedelta(days=1)
    with clock.shifted(timedelta(days=1, seconds=1)):
        assert (await call(made["key"]["id"])).json()["state"] == "expired"
        assert await service.find_key(made["secret"]) is None
        assert await service.find_key(new["secret"]) is not None


@pytest.mark.parametrize(
    ("overlap", "status"),
    [(0, 201), (30 * DAY, 201), (30 * DAY + 1, 422), (-1, 422), ("1", 422), (1.5, 422)],
)
async def test_the_overlap_is_thirty_days_at_most(call, made, overlap, status):
    answer = await call(made["key"]["id"], "rotation", body={"overlap_seconds": overlap})

    assert answer.status_code == status
    assert await fetchval("SELECT count(*) FROM integration_key") == (2 if status == 201 else 1)


async def test_a_key_is_rotated_once_even_at_once(call, made):
    answers = await asyncio.gather(
        *(call(made["key"]["id"], "rotation", body={}) for _ in range(5))
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    codes = {answer.json().get("code") for answer in answers}
    assert codes == {None, "key_not_current"}


async def test_a_key_gets_another_name_and_other_scopes(client, call, made):
    body = {"name": "New CRM", "scopes": ["claims:write"]}
    answer = await call(made["key"]["id"], method="PATCH", body=body)

    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["scopes"]) == ("New CRM", ["claims:write"])
    assert answer.json()["source"] == "crm"
    assert await opens(client, made["secret"]) == 403


async def test_a_change_leaves_what_it_does_not_name(call, made):
    renamed = await call(made["key"]["id"], method="PATCH", body={"name": "New CRM"})
    nothing = await call(made["key"]["id"], method="PATCH", body={})

    assert renamed.json()["scopes"] == ["activities:write"]
    assert nothing.json() == renamed.json()
    actions = [r["action"] for r in await fetch("SELECT action FROM audit_entry ORDER BY id")]
    assert actions[-2:] == ["keys.created", "keys.changed"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"source": "shop"}, "/source"),
        ({"name": None}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"scopes": []}, "/scopes"),
        ({"last_used_at": "2026-11-21T10:00:00Z"}, "/last_used_at"),
    ],
)
async def test_changes_that_are_refused(call, made, body, pointer):
    answer = await call(made["key"]["id"], method="PATCH", body=body)

    assert answer.status_code == 422
    assert [wrong["pointer"] for wrong in answer.json()["errors"]] == [pointer]
    assert (await call(made["key"]["id"])).json() == made["key"]


async def test_a_revoked_key_opens_nothing_at_once_and_revoking_again_changes_nothing(
    client, call, made
):
    assert await opens(client, made["secret"]) == 200

    first = await call(made["key"]["id"], method="DELETE")
    told = (await call(made["key"]["id"])).json()
    again = await call(made["key"]["id"], method="DELETE")

    assert (first.status_code, again.status_code) == (204, 204)
    assert await opens(client, made["secret"]) == 401
    assert told["state"] == "revoked"
    assert (await call(made["key"]["id"])).json() == told
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'keys.revoked'") == 1
    assert (await call(body=CRM)).status_code == 201


async def test_what_was_revoked_is_neither_changed_nor_rotated(call, made):
    await call(made["key"]["id"], method="DELETE")

    rotated = await call(made["key"]["id"], "rotation", body={})
    changed = await call(made["key"]["id"], method="PATCH", body={"name": "CRM again"})

    for answer in (rotated, changed):
        assert (answer.status_code, answer.json()["code"]) == (409, "key_not_current")


async def test_keys_that_are_nowhere(call):
    nobody = uuid4()
    answers = [
        await call(nobody),
        await call(nobody, method="PATCH", body={"name": "CRM"}),
        await call(nobody, method="DELETE"),
        await call(nobody, "rotation", body={}),
    ]

    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (404, "key_not_found")
    assert (await call("nonsense")).status_code == 404


async def test_another_process_hears_of_a_revocation_within_five_seconds(
    client, app, made, monkeypatch
):
    assert await opens(client, made["secret"]) == 200
    # As if another process did it: this one isn't told.
    await execute("UPDATE integration_key SET revoked_at = now()")

    later = time.monotonic() + 5.01
    monkeypatch.setattr("server.auth.callers.monotonic", lambda: later)
    assert await opens(client, made["secret"]) == 401


async def test_the_last_use_is_shown_and_written_once_a_minute(client, app, call, made, statements):
    await opens(client, made["secret"])
    first = (await call(made["key"]["id"])).json()["last_used_at"]
    app.state.callers.keys.forget_all()
    with statements() as sent:
        await opens(client, made["secret"])

    assert first is not None
    assert not [sql for sql in sent if "last_used_at = $2" in sql]
    assert (await call(made["key"]["id"])).json()["last_used_at"] == first
    app.state.callers.keys.forget_all()
    with clock.shifted(timedelta(minutes=2)):
        await opens(client, made["secret"])
    assert (await call(made["key"]["id"])).json()["last_used_at"] > first


async def test_the_list_is_told_in_pages_newest_first(call):
    for number in range(5):
        await service.create(f"System {number}", f"s{number}", [Scope.CLAIMS_WRITE], by=OPERATOR)

    told, more = [], {}
    while more is not None:
        page = (await call(params={"limit": 2} | more)).json()
        told.append([item["source"] for item in page["items"]])
        more = page["next_cursor"] and {"cursor": page["next_cursor"]}
    assert told == [["s4", "s3"], ["s2", "s1"], ["s0"]]
    assert (await call(params={"cursor": "nonsense"})).json()["code"] == "cursor_invalid"
    assert (await call(params={"limit": 101})).status_code == 422


async def test_a_longer_list_costs_no_more_statements(call, statements):
    sent = []
    for number in range(12):
        await service.create(f"System {number}", f"s{number}", [Scope.CLAIMS_WRITE], by=OPERATOR)
        if number in {0, 11}:
            await call()
            with statements() as counted:
                assert (await call()).status_code == 200
            sent.append(len(counted))

    assert sent[0] == sent[1]
