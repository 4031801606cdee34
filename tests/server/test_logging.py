"""Logs are readable by machines, and hold nothing that nobody should read (I27, I41, T32)."""

import asyncio
import io
import json
import logging

import pytest
import structlog

from server.config import Settings
from server.logging import HIDDEN, configure_logging, redacted
from tests.server.trial import CANARY, FAILURES

TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl"
SECRETS = {
    "a token": TOKEN,
    "an unsigned token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.",
    "an integration key": "sk_canary0123456789abcdef",
    "a header": "Bearer canary-0123456789",
    "a connection string": "postgresql://user:canary@db.internal:5432/ambassade",
    "another": "rediss://:canary@valkey.internal:6379/0",
    "an address": "canary.person+tag@mail.example.co.uk",
}


@pytest.fixture
def logged():
    """What is logged in production, as text."""
    stream = io.StringIO()
    configure_logging(Settings(environment="production"), stream)
    yield stream.getvalue
    configure_logging(Settings(environment="test"))


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_is_hidden_wherever_it_stands(logged, secret):
    log = structlog.get_logger()
    log.info(f"before {secret} after")
    log.info("event", note=f"<{secret}>", deep={"list": [{"x": secret}]}, pair=(secret, 1))
    log.warning("event", obj=ValueError(secret))
    logging.getLogger("a.library").warning("says %s", secret)

    assert secret not in logged()
    assert "canary" not in logged()
    assert "before" in logged()
    assert "after" in logged()
    assert HIDDEN in logged()


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "id_token",
        "secret",
        "password",
        "Authorization",
        "x-api-key",
        "api_key",
        "cookie",
        "DATABASE_URL",
        "email",
        "idempotency_key",
        "firebase_credentials",
    ],
)
def test_what_has_a_secrets_name_is_hidden_whatever_it_is(logged, name):
    structlog.get_logger().info("event", **{name: "canary"}, nested={name: "canary"})
    assert "canary" not in logged()


@pytest.mark.parametrize(
    "harmless", ["member:6f1d3c0a-5b7e-4c55-9a52-2f8c1f0b7d11", "2026-11-21T19:13:00Z", "/v1/me"]
)
def test_what_is_harmless_stays(harmless):
    assert redacted(harmless) == harmless


def test_hiding_takes_no_longer_than_reading():
    """Every pattern is linear: a hostile text doesn't hold a process up.

    Were one not, this would take minutes. What looks like nothing secret comes out whole.
    """
    hostile = ["a@" * 50_000, "x://" * 50_000, "a." * 50_000, "-" * 100_000]

    assert [redacted(text) == text for text in hostile] == [True, True, True, True]


def test_a_line_is_json_with_the_requests_id(logged):
    structlog.contextvars.bind_contextvars(request_id="r-1")
    structlog.get_logger().info("event", count=3)
    structlog.contextvars.clear_contextvars()

    line = json.loads(logged())
    assert (line["event"], line["count"], line["request_id"], line["level"]) == (
        "event",
        3,
        "r-1",
        "info",
    )
    assert line["timestamp"].endswith("Z")


def test_a_failure_is_named_and_located_and_says_nothing_else(logged):
    try:
        {}[CANARY]
    except KeyError:
        structlog.get_logger().exception("it_failed")
        logging.getLogger("a.library").exception("it failed")

    assert CANARY not in logged()
    assert "Traceback" not in logged()
    first, second = map(json.loads, logged().splitlines())
    assert first["failure"] == second["failure"] == "KeyError"
    assert "test_logging.test_a_failure_is_named" in first["where"][-1]


def test_development_shows_the_whole_failure():
    stream = io.StringIO()
    configure_logging(Settings(environment="development"), stream)
    try:
        {}[TOKEN]
    except KeyError:
        structlog.get_logger().exception("it_failed")
    configure_logging(Settings(environment="test"))

    assert "Traceback" in stream.getvalue()
    assert TOKEN not in stream.getvalue()


async def test_no_request_leaves_a_secret_in_the_log(trials, sign_in, logged):
    headers = sign_in("canary-uid", email="canary@example.com", name="Canary Person")
    for kind in FAILURES:
        await trials.get(f"/v1/trials/failures/{kind}", headers=headers)
    await trials.post("/v1/trials", json={"name": "Canary"}, headers=headers)
    await trials.post("/v1/trials", json={"name": CANARY, "then": "crash"}, headers=headers)
    await trials.post("/v1/trials", json={"name": 7}, headers=headers | {"Idempotency-Key": CANARY})
    await trials.get(f"/v1/me?token={CANARY}", headers={"X-API-Key": f"sk_{CANARY}"})
    await trials.get("/v1/me", headers={"Authorization": f"Bearer {TOKEN}"})
    await trials.get(f"/nope/{CANARY}", headers={"Cookie": CANARY, "Referer": CANARY})
    # Requests that end together are written together, right after.
    await asyncio.sleep(0)

    text = logged().lower()
    assert text.count('"event":"request"') == len(FAILURES) + 6
    token = headers["Authorization"].removeprefix("Bearer ")
    for secret in (CANARY, "canary", token.lower(), TOKEN.lower(), "select", "traceback"):
        assert secret not in text


async def test_a_request_is_one_line_with_its_route_and_no_query(client, logged):
    await client.get("/v1/badges/17?q=canary", headers={"X-Request-ID": "a-request-1"})
    await asyncio.sleep(0)

    [line] = [json.loads(line) for line in logged().splitlines()]
    assert line.pop("ms") > 0
    assert line.pop("timestamp")
    assert line == {
        "event": "request",
        "method": "GET",
        "route": "/v1/badges/{slug}",
        "status": 404,
        "request_id": "a-request-1",
        "level": "info",
    }
