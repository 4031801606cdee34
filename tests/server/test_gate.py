"""Hosts, origins, and the headers that every answer carries (T24)."""

import msgspec
import pytest

from tests.conftest import calling

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


@pytest.mark.parametrize(
    "path", ["/v1/charter", "/v1/me", "/nope", "/health/live", "/openapi.json"]
)
async def test_every_answer_protects_its_reader(client, path):
    headers = (await client.get(path)).headers
    for name, value in EVERYWHERE.items():
        if path == "/openapi.json" and name == "content-security-policy":
            assert "frame-ancestors 'none'" in headers[name]
        else:
            assert headers[name] == value
    assert len(headers["x-request-id"]) >= 8
    assert "server" not in headers


async def test_only_production_insists_on_https(client, make_trial_app, settings, monkeypatch):
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
    production = msgspec.structs.replace(settings, environment="production")
    async with calling(make_trial_app(production)) as strict:
        answer = await strict.get("/health/live")
    assert "max-age=" in answer.headers["strict-transport-security"]
    assert "strict-transport-security" not in (await client.get("/health/live")).headers


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("a-phone-4711", True),
        ("short", False),
        ("x" * 65, False),
        ("with space", False),
        ("new\\line", False),
        ("<script>alert(1)</script>", False),
        ("'; DROP TABLE member; --", False),
    ],
)
async def test_a_request_id_is_taken_over_if_it_is_harmless(client, given, taken):
    answer = await client.get("/health/live", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is taken


@pytest.fixture
def ours(make_trial_app, settings, database):
    """A client of an application with a name and friends."""
    named = msgspec.structs.replace(
        settings,
        allowed_hosts=("api.example.com", "[::1]"),
        cors_origins=("https://www.example.com",),
    )
    return calling(make_trial_app(named))


@pytest.mark.parametrize(
    "host", ["api.example.com", "API.example.com", "api.example.com:8443", "[::1]:8000"]
)
async def test_our_own_names_are_answered(ours, host):
    assert (await ours.get("/v1/charter", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "apiXexample.com",
        "api.example.com.evil.example",
        "evil.example/api.example.com",
        "api.example.com@evil.example",
        "api.example.com:evil",
        "api.example.com:80:80",
        "api.example.com ",
        "",
        ".",
        "[::1",
    ],
)
async def test_other_names_are_not(ours, host):
    headers = {"Host": host, "X-Forwarded-Host": "api.example.com"}
    answer = await ours.get("/v1/charter", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (421, "host_unknown")


async def test_two_hosts_are_none(ours):
    headers = [("Host", "api.example.com"), ("Host", "evil.example")]
    assert (await ours.get("/v1/charter", headers=headers)).status_code == 421


async def test_probes_may_use_any_name(ours):
    assert (await ours.get("/health/live", headers={"Host": "10.0.0.7:8000"})).status_code == 200


HOST = {"Host": "api.example.com"}


async def test_a_friends_page_may_read_our_answers(ours):
    origin = {"Origin": "https://www.example.com"}
    answer = await ours.get("/v1/charter", headers=HOST | origin)
    asked = await ours.options(
        "/v1/me", headers=HOST | origin | {"Access-Control-Request-Method": "PATCH"}
    )

    assert answer.headers["access-control-allow-origin"] == "https://www.example.com"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers.get_list("vary", split_commas=True)
    assert asked.status_code == 204
    assert "PATCH" in asked.headers["access-control-allow-methods"]
    assert "Authorization" in asked.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in asked.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "https://www.example.com.evil.example",
        "https://evil-www.example.com",
        "http://www.example.com",
        "https://www.example.com:8443",
        "https://wwwXexample.com",
    ],
)
async def test_nobody_elses_page_may(ours, origin):
    for method, more in [("GET", {}), ("OPTIONS", {"Access-Control-Request-Method": "GET"})]:
        headers = HOST | {"Origin": origin} | more
        answer = await ours.request(method, "/v1/charter", headers=headers)
        assert "access-control-allow-origin" not in answer.headers


async def test_errors_are_readable_for_friends_too(ours):
    headers = HOST | {"Origin": "https://www.example.com"}
    answer = await ours.get("/v1/me", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "https://www.example.com"
