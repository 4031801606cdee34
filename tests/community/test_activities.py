"""Systems of the brand tell what members did."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from community.activities import service
from community.keys import service as keys
from community.keys.scopes import Scope
from community.members.importing import ImportedPerson, import_members
from ground import clock
from ground.engine import fetch, fetchval
from ground.gathering import Gatherer
from tests.community.conftest import OPERATOR
from tests.community.telling import points_of, review, tell

pytestmark = pytest.mark.usefixtures("catalogue")

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def test_a_review_of_alice_is_recorded_with_what_follows(client, alice, crm):
    [result] = await tell(client, crm, review(alice.id))

    assert result | {"id": ""} == {
        "key": "review-1",
        "status": "recorded",
        "id": "",
        "code": None,
        "points": 5,
        "reason": None,
        "awards": ["first-review"],
    }
    assert await fetchval("SELECT source FROM ledger_entry") == "crm"


async def test_the_same_key_is_credited_once(client, alice, crm):
    [first] = await tell(client, crm, review(alice.id))
    [again] = await tell(client, crm, review(alice.id))

    assert (again["status"], again["id"], again["points"]) == ("duplicate", first["id"], 0)
    assert await points_of(alice) == 5


async def test_a_key_twice_in_one_call_is_credited_once(client, alice, crm):
    results = await tell(client, crm, review(alice.id), review(alice.id))

    assert [result["status"] for result in results] == ["recorded", "duplicate"]


async def test_ten_calls_at_once_with_one_key_are_credited_once(client, alice, crm):
    results = await asyncio.gather(*(tell(client, crm, review(alice.id)) for _ in range(10)))

    assert sorted(result["status"] for [result] in results) == ["duplicate"] * 9 + ["recorded"]
    assert await points_of(alice) == 5


async def test_each_is_answered_on_its_own(client, alice, bob, crm):
    await client.delete("/v1/me", headers=bob.headers)
    tomorrow = (clock.now() + timedelta(days=2)).isoformat()

    results = await tell(
        client,
        crm,
        review(alice.id, "good"),
        review(uuid4(), "stranger"),
        review("external:crm:4711", "unlinked"),
        review("Alice", "no-reference"),
        review(bob.id, "left"),
        review(alice.id, "kind", kind="purchase"),
        review(alice.id, "day", occurred_at="2026-02-30"),
        review(alice.id, "zone", occurred_at="2026-11-20T12:00:00"),
        review(alice.id, "ahead", occurred_at=tomorrow),
        review(alice.id, "as-good", occurred_at="2026-11-19"),
    )

    assert [(result["key"], result["status"], result["code"]) for result in results] == [
        ("good", "recorded", None),
        ("stranger", "rejected", "unknown_member"),
        ("unlinked", "rejected", "unknown_member"),
        ("no-reference", "rejected", "unknown_member"),
        ("left", "rejected", "member_left"),
        ("kind", "rejected", "unknown_kind"),
        ("day", "rejected", "moment_invalid"),
        ("zone", "rejected", "moment_invalid"),
        ("ahead", "rejected", "in_the_future"),
        ("as-good", "recorded", None),
    ]
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 2


async def test_a_cap_is_told_with_its_reason(client, alice, crm):
    results = await tell(client, crm, *(review(alice.id, f"r-{n}") for n in range(3)))

    assert [result["points"] for result in results] == [5, 5, 0]
    assert results[2]["status"] == "recorded"
    assert results[2]["reason"] == "daily_cap"


async def test_imported_people_are_named_as_their_source_does(client, crm):
    people = [ImportedPerson(external_id="4711", known_since=LONG_AGO)]
    found = await import_members("crm", people)

    [result] = await tell(client, crm, review("external:crm:4711"))

    assert result["status"] == "recorded"
    assert await fetchval("SELECT member_id FROM ledger_entry") == found["4711"]


async def test_a_thousand_go_in_at_once(client, alice, crm):
    told = [review(alice.id, f"visit-{n}", kind="visit") for n in range(1000)]

    results = await tell(client, crm, *told)

    assert {result["status"] for result in results} == {"recorded"}
    assert await points_of(alice) == 1000


async def test_the_source_is_the_keys_and_never_the_bodys(client, alice, crm, shop):
    await tell(client, crm, review(alice.id, "order-1", kind="visit"))

    [result] = await tell(client, shop, review(alice.id, "order-1", kind="visit"))

    assert result["status"] == "recorded"
    rows = await fetch("SELECT source FROM ledger_entry ORDER BY id")
    assert [row["source"] for row in rows] == ["crm", "shop"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"source": "shop"}, "/activities/1", id="a source of choice"),
        pytest.param({"points": 500}, "/activities/1", id="points of choice"),
        pytest.param({"quantity": "2"}, "/activities/1/quantity", id="a number as a text"),
        pytest.param({"quantity": 1.5}, "/activities/1/quantity", id="half a review"),
        pytest.param({"quantity": 10**9}, "/activities/1/quantity", id="a billion reviews"),
        pytest.param({"quantity": 10**30}, "/activities/1/quantity", id="beyond 64 bits"),
        pytest.param({"key": ""}, "/activities/1/key", id="an empty key"),
        pytest.param({"key": "k" * 201}, "/activities/1/key", id="a key too long"),
        pytest.param({"key": None}, "/activities/1/key", id="no key"),
        pytest.param({"member": 4711}, "/activities/1/member", id="a number as a member"),
        pytest.param({"subject": "s" * 201}, "/activities/1/subject", id="a subject too long"),
        pytest.param({"kind": "k" * 81}, "/activities/1/kind", id="a kind too long"),
        pytest.param({"occurred_at": 1795000000}, "/activities/1/occurred_at", id="seconds"),
        pytest.param({"fields": []}, "/activities/1/fields", id="a list of fields"),
        pytest.param({"fields": {"a": None}}, "/activities/1/fields", id="an empty field"),
        pytest.param({"fields": {"a": {"b": 1}}}, "/activities/1/fields", id="a nested field"),
        pytest.param({"fields": {"a": 1.5}}, "/activities/1/fields", id="a fraction"),
        pytest.param(
            {"fields": {str(n): n for n in range(21)}}, "/activities/1/fields", id="too many fields"
        ),
    ],
)
async def test_a_call_that_does_not_fit_the_schema_records_nothing(
    client, alice, crm, change, pointer
):
    body = {"activities": [review(alice.id, "good"), review(alice.id, "bad") | change]}

    response = await client.post("/v1/activities", json=body, headers=crm)

    assert response.status_code == 422
    [error] = response.json()["errors"]
    assert error["pointer"].startswith(pointer)
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"activities": []},
        {"activities": None},
        {"activities": "all"},
        {"activities": [None]},
        {"activities": [[]]},
        {"activities": [{}]},
        {"activities": [], "dry_run": True},
        [],
    ],
)
async def test_bodies_of_another_shape(client, crm, body):
    response = await client.post("/v1/activities", json=body, headers=crm)

    assert response.status_code == 422


async def test_more_than_a_thousand_are_too_many(client, alice, crm):
    told = [review(alice.id, f"visit-{n}", kind="visit") for n in range(1001)]

    response = await client.post("/v1/activities", json={"activities": told}, headers=crm)

    assert response.status_code == 422
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 0


async def test_a_call_of_more_than_a_mebibyte_is_too_large(client, alice, crm):
    body = {"activities": [review(alice.id, subject="s" * 200)], "padding": "x" * 1024 * 1024}

    response = await client.post("/v1/activities", json=body, headers=crm)

    assert response.status_code == 413


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "a\x00b"),
        ("subject", "product\x00"),
        ("kind", "\x00"),
        ("fields", {"a": "b\x00"}),
        ("fields", {"a\x00": "b"}),
    ],
)
async def test_a_nul_is_refused_wherever_it_stands(client, alice, crm, field, value):
    body = {"activities": [review(alice.id) | {field: value}]}

    response = await client.post("/v1/activities", json=body, headers=crm)

    assert response.status_code == 422
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 0


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE member; --", "<script>alert(1)</script>", "🦊\u202e", "a\nb", "%00"]
)
async def test_texts_are_texts(client, alice, crm, text):
    [result] = await tell(client, crm, review(alice.id, text, subject=text, fields={"note": text}))

    assert (result["status"], result["key"]) == ("recorded", text)
    row = await fetch("SELECT key, subject FROM ledger_entry")
    assert tuple(row[0]) == (text, text)


async def test_only_systems_with_the_scope_tell(client, alice, member, sign_in):
    body = {"activities": [review(alice.id)]}
    other = await keys.create("Desk", "desk", [Scope.CLAIMS_WRITE], by=OPERATOR)

    answers = [
        await client.post("/v1/activities", json=body),
        await client.post("/v1/activities", json=body, headers=alice.headers),
        await client.post("/v1/activities", json=body, headers=sign_in("candidate")),
        await client.post("/v1/activities", json=body, headers={"X-API-Key": other.secret}),
        await client.post("/v1/activities", json=body, headers={"X-API-Key": "sk_guess"}),
    ]

    assert [answer.status_code for answer in answers] == [401, 403, 403, 403, 401]
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 0


async def test_a_system_cannot_act_as_a_member(client, alice, crm):
    for method, address in (("GET", "/v1/me"), ("PATCH", "/v1/me"), ("DELETE", "/v1/me")):
        response = await client.request(
            method, address, json={} if method == "PATCH" else None, headers=crm
        )
        assert response.status_code == 403


async def test_an_idempotency_key_gives_the_same_answer_again(client, alice, crm):
    body = {"activities": [review(alice.id)]}
    headers = crm | {"Idempotency-Key": "batch-1"}

    first = await client.post("/v1/activities", json=body, headers=headers)
    again = await client.post("/v1/activities", json=body, headers=headers)

    assert first.json()["results"][0]["status"] == "recorded"
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"


async def test_small_calls_at_the_same_time_share_a_transaction(client, alice, bob, crm):
    people = [alice, bob]
    calls = [tell(client, crm, review(people[n % 2].id, f"review-{n}")) for n in range(20)]
    results = await asyncio.gather(*calls)

    assert [result["status"] for [result] in results] == ["recorded"] * 20
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 20
    assert await fetchval("SELECT count(DISTINCT xmin::text) FROM ledger_entry") < 10


async def test_two_systems_that_share_a_transaction_keep_their_own_keys(client, alice, crm, shop):
    results = await asyncio.gather(
        *(
            tell(client, system, review(alice.id, f"r{n}"))
            for n in range(5)
            for system in (crm, shop)
        )
    )

    assert [result["status"] for [result] in results] == ["recorded"] * 10
    rows = await fetch("SELECT source, count(*) FROM ledger_entry GROUP BY source ORDER BY source")
    assert [tuple(row) for row in rows] == [("crm", 5), ("shop", 5)]


async def test_a_poisonous_activity_fails_alone(client, alice, crm, monkeypatch):
    straight = service.credit_many

    async def credit_many(activities):
        if any(activity.key == "poison" for activity in activities):
            raise asyncpg.DataError("nobody can store this")
        return await straight(activities)

    monkeypatch.setattr(service, "credit_many", credit_many)
    keys_told = ["one", "two", "poison", "three", "four"]
    bodies = [{"activities": [review(alice.id, key)]} for key in keys_told]
    answers = await asyncio.gather(
        *(client.post("/v1/activities", json=body, headers=crm) for body in bodies)
    )

    assert [answer.status_code for answer in answers] == [200, 200, 422, 200, 200]
    rows = await fetch("SELECT key FROM ledger_entry ORDER BY key")
    assert [row["key"] for row in rows] == ["four", "one", "three", "two"]


async def test_too_many_at_once_are_asked_to_come_again(client, alice, crm, monkeypatch):
    few = Gatherer(service._record_all, at_once=1, waiting=2)
    monkeypatch.setattr(service, "_gatherer", few)
    bodies = [{"activities": [review(alice.id, f"r{n}")]} for n in range(10)]
    answers = await asyncio.gather(
        *(client.post("/v1/activities", json=body, headers=crm) for body in bodies)
    )

    refused = [answer for answer in answers if answer.status_code == 503]
    assert 0 < len(refused) < 10
    assert {answer.json()["code"] for answer in refused} == {"too_much_at_once"}
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 10 - len(refused)
