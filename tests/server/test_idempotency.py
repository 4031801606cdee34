"""A POST with an `Idempotency-Key` has one effect and one answer, however often it is sent (I2)."""

import asyncio
from datetime import timedelta

import pytest

from ground import clock, idempotency
from ground.engine import fetchval
from tests.server.trial import TrialController


@pytest.fixture
def send(trials, sign_in):
    """Send an act with a key."""

    async def post(key, then="done", *, uid="camille", name="A", path="/v1/trials", **more):
        headers = sign_in(uid) | ({"Idempotency-Key": key} if key is not None else {})
        return await trials.post(path, json={"name": name, "then": then} | more, headers=headers)

    return post


@pytest.fixture
def held(monkeypatch):
    """Routes wait until they are let go."""
    event = asyncio.Event()
    monkeypatch.setattr(TrialController, "let_go", event)
    return event


async def acts():
    return await fetchval("SELECT count(*) FROM audit_entry")


async def keys():
    return await fetchval("SELECT count(*) FROM idempotency_key")


async def test_the_same_key_and_body_has_one_effect_and_one_answer(send):
    first, again = await send("k"), await send("k")

    assert (first.status_code, first.content) == (201, b'{"count":1}')
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert await acts() == 1


async def test_without_a_key_a_repeated_post_is_not_protected(send):
    await send(None)
    assert (await send(None)).json() == {"count": 2}


async def test_another_body_under_the_same_key_is_refused(send):
    await send("k")
    answer = await send("k", name="B")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert await acts() == 1


async def test_a_key_is_its_senders_own(send):
    await send("k", uid="camille")
    answer = await send("k", uid="bernard")

    assert "idempotency-replayed" not in answer.headers
    assert await acts() == 2


async def test_a_key_belongs_to_one_address(send, trials, sign_in):
    await send("k")
    headers = sign_in("camille") | {"Idempotency-Key": "k"}
    answer = await trials.post("/v1/trials/large", json={"a": "b"}, headers=headers)
    assert (answer.status_code, answer.json()) == (201, {"count": 1})


async def test_a_rival_is_told_to_come_back_while_the_first_runs(send, held):
    first = asyncio.create_task(send("k"))
    await asyncio.sleep(0.1)
    rivals = await asyncio.gather(*(send("k") for _ in range(5)))
    held.set()

    assert {rival.status_code for rival in rivals} == {409}
    assert {rival.json()["code"] for rival in rivals} == {"idempotency_key_busy"}
    assert all(int(rival.headers["retry-after"]) >= 1 for rival in rivals)
    assert (await first).status_code == 201
    assert (await send("k")).headers["idempotency-replayed"] == "true"
    assert await acts() == 1


async def test_of_many_at_once_one_has_an_effect(send):
    answers = await asyncio.gather(*(send("k") for _ in range(20)))

    assert await acts() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {a.content for a in answers if a.status_code == 201} == {b'{"count":1}'}


async def test_a_refusal_is_remembered_and_what_came_before_it_is_undone(send):
    first, again = await send("k", "refused"), await send("k", "refused")

    assert (first.status_code, first.json()["code"]) == (409, "conflict")
    # The very bytes, with the first request's id.
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert (await acts(), await keys()) == (0, 1)


async def test_what_is_wrong_can_be_mended_under_the_same_key(send):
    wrong = await send("k", "wrong")
    mended = await send("k", "done")

    assert (wrong.status_code, mended.status_code) == (422, 201)
    assert (await acts(), await keys()) == (1, 1)


async def test_a_fault_of_ours_leaves_nothing_and_the_next_try_starts_afresh(send):
    fault, again = await send("k", "crash_once"), await send("k", "crash_once")

    assert (fault.status_code, again.status_code) == (500, 201)
    assert "idempotency-replayed" not in again.headers
    assert (await acts(), await keys()) == (1, 1)


async def test_a_deadlock_is_tried_again_by_the_request_that_owns_the_transaction(send):
    answer = await send("k", "entangled_once")

    assert answer.status_code == 201
    assert (await acts(), await keys()) == (1, 1)


async def test_a_doomed_transaction_is_not_committed_whoever_caught_the_failure(send):
    answer = await send("k", "doomed")

    assert answer.status_code == 500
    assert (await acts(), await keys()) == (0, 0)


async def test_a_caller_who_may_not_is_not_held_to_it(trials, sign_in, monkeypatch):
    headers = sign_in("camille") | {"Idempotency-Key": "k"}
    body = {"version": 1}
    answer = await trials.post("/v1/charter/acceptances", json=body, headers=headers)

    assert answer.status_code == 403
    assert await keys() == 0


async def test_a_candidate_who_became_a_member_gets_the_first_answer_again(client, sign_in):
    headers = sign_in("camille") | {"Idempotency-Key": "join"}
    joining = {
        "display_name": "Camille",
        "locale": "fr",
        "time_zone": "Europe/Paris",
        "charter_version": 1,
        "old_enough": True,
    }
    first = await client.post("/v1/members", json=joining, headers=headers)
    again = await client.post("/v1/members", json=joining, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]


@pytest.mark.parametrize("key", ["", "x" * 201, "with space", "caf\u00e9", "a\tb"])
async def test_a_key_that_can_be_none_is_refused(trials, sign_in, key):
    headers = sign_in("camille") | {"Idempotency-Key": key.encode("latin-1")}
    answer = await trials.post("/v1/trials", json={"name": "A"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


async def test_keys_are_kept_for_seven_days(send):
    await send("old")
    with clock.shifted(timedelta(days=6, hours=23)):
        assert await idempotency.purge() == 0
        assert (await send("old")).headers["idempotency-replayed"] == "true"
        await send("new")
    with clock.shifted(timedelta(days=7, minutes=1)):
        assert await idempotency.purge() == 1
    assert await keys() == 1


async def test_a_key_on_another_method_means_nothing(client, sign_in):
    headers = sign_in("camille") | {"Idempotency-Key": "with space"}
    assert (await client.get("/v1/me", headers=headers)).status_code == 403
