"""Every failure is one problem, and says nothing about the inside (I41)."""

import pytest

from server.errors import Unexpected
from server.openapi.refusals import all_errors
from tests.server.trial import CANARY, FAILURES

AWAY = {
    "timeout",
    "refused",
    "no_host",
    "lost",
    "closing",
    "cancelled_statement",
    "locked",
    "serialisation",
    "deadlock",
}
THE_CALLERS = {"number_too_large": (422, "invalid"), "recursion": (400, "malformed")}


@pytest.mark.parametrize("kind", FAILURES)
async def test_a_failure_is_a_problem_that_tells_nothing(trials, kind):
    answer = await trials.get(f"/v1/trials/failures/{kind}")

    problem = answer.json()
    expected = (503, "unavailable") if kind in AWAY else THE_CALLERS.get(kind, (500, "unexpected"))
    assert (answer.status_code, problem["code"]) == expected
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert set(problem) <= {"type", "title", "status", "code", "detail", "request_id", "errors"}
    for inside in (CANARY, "SELECT", "Traceback", "asyncpg", ".py", "/etc", "Error"):
        assert inside not in answer.text
    if kind in AWAY:
        assert float(answer.headers["retry-after"]) <= 2.5


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        pytest.param("GET", "/nope", 404, "not_found", id="an address that isn't there"),
        pytest.param("GET", "/v1/members/17", 404, "not_found", id="an id that can't be one"),
        pytest.param("PUT", "/v1/me", 405, "method_not_allowed", id="a method that isn't there"),
        pytest.param("GET", "/v1/me", 401, "sign_in_needed", id="nobody asks"),
    ],
)
async def test_what_routing_refuses_is_a_problem_too(client, method, path, status, code):
    answer = await client.request(method, path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_wrong_method_is_told_the_right_ones(client):
    answer = await client.put("/v1/me")
    assert {"GET", "PATCH"} <= set(answer.headers["allow"].split(", "))


async def test_who_is_unknown_is_told_how_to_sign_in(client):
    unsigned = await client.get("/v1/me")
    forged = await client.get("/v1/me", headers={"Authorization": "Bearer a.b.c"})

    assert unsigned.headers["www-authenticate"] == 'Bearer realm="ambassade"'
    assert forged.headers["www-authenticate"].endswith('error="invalid_token"')


async def test_head_is_get_without_the_body(client):
    got, head = await client.get("/health/live"), await client.head("/health/live")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


async def test_options_names_all_methods_of_an_address(client):
    answer = await client.options("/v1/me")
    assert answer.status_code == 204
    assert {"GET", "HEAD", "PATCH", "OPTIONS"} <= set(answer.headers["allow"].split(", "))


async def test_a_trailing_slash_changes_nothing(client):
    assert (await client.get("/health/live/")).status_code == 200
    assert (await client.get("/v1/me/")).status_code == 401


async def test_every_code_is_in_the_docs(client):
    page = (await client.get("/docs/errors")).text
    errors = all_errors()

    assert Unexpected in errors
    assert [error.code for error in errors if f'<tr id="{error.code}">' not in page] == []
