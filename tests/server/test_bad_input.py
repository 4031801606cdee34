"""Bad input of every kind gets its documented error and changes nothing (T2, T25, I40, I42)."""

import asyncio
import json

import pytest

from ground.engine import fetchval
from tests.server.trial import TrialController

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def camille(sign_in):
    return sign_in("camille") | JSON


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(b"", 400, "malformed", id="nothing"),
        pytest.param(b"{", 400, "malformed", id="half an object"),
        pytest.param(b"name=Camille", 400, "malformed", id="a form"),
        pytest.param(b'{"name": "\xff"}', 400, "malformed", id="no UTF-8"),
        pytest.param(b'{"name": "\\ud800"}', 400, "malformed", id="half a character"),
        pytest.param(b'\xef\xbb\xbf{"name": "C"}', 400, "malformed", id="a byte order mark"),
        pytest.param(b'{"name": NaN}', 400, "malformed", id="NaN"),
        pytest.param(b'{"name": 1, ', 400, "malformed", id="a wrong value, then nonsense"),
        pytest.param(b"[" * 60_000, 400, "malformed", id="deeper than anybody needs"),
        pytest.param(
            b'{"name":"C","inner":' + b'[{"name":"C","inner":' * 2500, 400, "malformed", id="deep"
        ),
        pytest.param(b"null", 422, "invalid", id="null"),
        pytest.param(b"[]", 422, "invalid", id="a list"),
        pytest.param(b"{}", 422, "invalid", id="a missing field"),
        pytest.param(b'{"name": 7}', 422, "invalid", id="a number for a text"),
        pytest.param(b'{"name": "C", "times": "2"}', 422, "invalid", id="a text for a number"),
        pytest.param(b'{"name": "C", "times": true}', 422, "invalid", id="a boolean for a number"),
        pytest.param(b'{"name": "C", "times": 11}', 422, "invalid", id="more than allowed"),
        pytest.param(
            b'{"name": "C", "times": 1' + b"0" * 5000 + b"}", 422, "invalid", id="a huge number"
        ),
        pytest.param(b'{"name": "C", "times": 1e999}', 422, "invalid", id="an infinite number"),
        pytest.param(b'{"name": "C", "then": "explode"}', 422, "invalid", id="an unknown choice"),
        pytest.param(b'{"name": "C", "role": "admin"}', 422, "invalid", id="an unknown field"),
        pytest.param(b'{"name": "a\\u0000b"}', 422, "invalid", id="NUL in a text"),
        pytest.param(b'{"name": "' + b"x" * 41 + b'"}', 422, "invalid", id="a long text"),
    ],
)
async def test_a_bad_body_changes_nothing(trials, camille, body, status, code):
    answer = await trials.post("/v1/trials", content=body, headers=camille)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await fetchval("SELECT count(*) FROM audit_entry") == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": 7}, "/name"),
        ({}, "/name"),
        ({"name": "C", "points": 9}, "/points"),
        ({"name": "C", "inner": [{"name": "D"}, {"name": 7}]}, "/inner/1/name"),
        ({"name": "C", "inner": [{"name": "D", "a/b": 1}]}, "/inner/0/a~1b"),
        ({"name": "C", "inner": [{"name": "\0"}]}, "/inner/0/name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_wrong_value_is_pointed_at(trials, camille, body, pointer):
    answer = await trials.post("/v1/trials", json=body, headers=camille)

    [error] = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert error["detail"]


async def test_the_last_of_two_equal_keys_counts(trials, camille):
    answer = await trials.post(
        "/v1/trials", content=b'{"name": "A", "times": 1, "times": 2}', headers=camille
    )
    assert answer.json() == {"count": 2}


async def test_a_backslash_before_u0000_is_a_text_like_any_other(trials, camille):
    answer = await trials.post("/v1/trials", content=b'{"name": "a\\\\u0000"}', headers=camille)
    assert answer.status_code == 201


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_body_that_is_not_announced_as_json_is_refused(trials, camille, media_type):
    headers = camille | {"Content-Type": media_type}
    answer = await trials.post("/v1/trials", content=b'{"name": "C"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unsupported")


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/v1/trials", 64 * 1024, 422),
        ("/v1/trials", 64 * 1024 + 1, 413),
        ("/v1/trials/large", 1024 * 1024, 201),
        ("/v1/trials/large", 1024 * 1024 + 1, 413),
    ],
)
@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "in chunks"])
async def test_a_body_is_as_large_as_its_route_allows(trials, camille, path, size, status, chunked):
    body = json.dumps({"name": ""}).encode()
    body = json.dumps({"name": "x" * (size - len(body))}).encode()

    async def chunks():
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    content = chunks() if chunked else body
    answer = await trials.post(path, content=content, headers=camille)

    assert answer.status_code == status
    if status == 413:
        assert answer.json()["code"] == "body_too_large"


async def test_a_length_that_is_no_number_is_refused(trials, camille):
    headers = camille | {"Content-Length": "many"}
    answer = await trials.post("/v1/trials", content=b"{}", headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/v1/trials/numbers/7", 200, id="a number"),
        pytest.param(f"/v1/trials/numbers/{2**31}", 422, id="a number beyond PostgreSQL's"),
        pytest.param(f"/v1/trials/numbers/{10**30}", 422, id="a number beyond 64 bits"),
        pytest.param("/v1/trials/numbers/seven", 404, id="no number"),
        pytest.param("/v1/trials/numbers/7?limit=0", 422, id="a parameter below its range"),
        pytest.param("/v1/trials/numbers/7?limit=many", 422, id="a parameter of the wrong type"),
        pytest.param("/v1/trials/numbers/7?limit=1&limit=2", 200, id="a parameter given twice"),
        pytest.param("/v1/trials/texts/a%00b", 422, id="NUL in the path"),
        pytest.param("/v1/trials/texts/a?more=%00", 422, id="NUL in the query"),
        pytest.param("/v1/trials/texts/a?more=%ED%A0%80", 200, id="half a character"),
        pytest.param("/v1/trials/texts/a?more=%FF", 200, id="no UTF-8"),
        pytest.param("/v1/trials/texts/'%20OR%201=1--?more=';--", 200, id="SQL"),
    ],
)
async def test_a_strange_address_is_no_failure_of_ours(trials, path, status):
    assert (await trials.get(path)).status_code == status


async def test_a_wrong_parameter_is_named(trials):
    answer = await trials.get("/v1/trials/numbers/7?limit=101")
    [error] = answer.json()["errors"]
    assert error["pointer"] == "?limit"


async def test_a_parameter_that_is_missing_is_named(trials):
    answer = await trials.get("/v1/trials/wanted")

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "?what", "detail": "is missing"}]


async def test_a_body_that_drips_is_given_up(trials, camille, monkeypatch):
    monkeypatch.setattr("server.middleware.bodies.PATIENCE_SECONDS", 0.05)

    async def drip():
        yield b'{"name":'
        await TrialController.let_go.wait()

    monkeypatch.setattr(TrialController, "let_go", asyncio.Event())
    answer = await trials.post("/v1/trials", content=drip(), headers=camille)
    assert (answer.status_code, answer.json()["code"]) == (408, "body_too_slow")
