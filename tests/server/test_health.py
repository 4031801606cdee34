"""Liveness, readiness and metrics."""

import msgspec
import pytest

from ground import valkey
from ground.engine import close_pool, connect_to, open_pool
from tests.conftest import calling


async def test_the_process_lives(client):
    assert (await client.get("/health/live")).json() == {"status": "alive"}


async def test_it_is_ready_when_everything_is_there(client):
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "status": "ready",
            "postgresql": "there",
            "migrations": "applied",
            "valkey": "there",
        },
    )
    assert answer.headers["cache-control"] == "no-store"


async def test_without_postgresql_it_is_alive_and_not_ready(client, database_url):
    await close_pool()
    ready, alive = await client.get("/health/ready"), await client.get("/health/live")
    answer = await client.get("/v1/charter")
    connect_to(database_url)
    await open_pool()

    assert (ready.status_code, ready.json()["postgresql"]) == (503, "away")
    assert alive.status_code == 200
    assert answer.status_code == 503
    assert (await client.get("/health/ready")).status_code == 200


async def test_without_valkey_it_is_ready(client, redis_url):
    await valkey.close_valkey()
    valkey.open_valkey("redis://127.0.0.1:1/0")
    answer = await client.get("/health/ready")
    await valkey.close_valkey()
    valkey.open_valkey(redis_url)

    assert (answer.status_code, answer.json()["valkey"]) == (200, "away")


async def test_with_migrations_pending_it_is_not_ready(database, make_trial_app, settings, owner):
    app = make_trial_app(settings)
    name = "2026-11-21T22:15:00:000000"
    await owner.execute(f"DELETE FROM migration WHERE name = '{name}'")
    async with calling(app) as client:
        before = await client.get("/health/ready")
        await owner.execute(f"INSERT INTO migration (name, app_name) VALUES ('{name}', 'ground')")
        after = await client.get("/health/ready")

    assert (before.status_code, before.json()["migrations"]) == (503, "pending")
    assert after.status_code == 200


async def test_who_is_about_to_stop_wants_no_more(database, make_trial_app, settings):
    app = make_trial_app(settings)
    app.state.health.drain()
    async with calling(app) as client:
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (503, "draining")
        assert (await client.get("/health/live")).status_code == 200


async def test_metrics_count_by_route_and_never_by_id(client):
    await client.get("/v1/badges/17")
    await client.get("/nope/17")
    await client.request("CANARY", "/v1/me")
    text = (await client.get("/metrics")).text

    assert 'route="/v1/badges/{slug}",status="404"' in text
    assert 'route="unrouted",status="404"' in text
    assert "ambassade_http_request_seconds_bucket" in text
    assert 'ambassade_database_connections{state="in_use"} 0.0' in text
    assert "ambassade_valkey_away 0.0" in text
    assert 'method="OTHER",route="unrouted",status="405"' in text
    assert "/17" not in text
    assert "CANARY" not in text


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.7", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.7"}, 404),
    ],
)
async def test_metrics_are_for_this_machine(app, database, address, headers, status):
    async with calling(app, address) as client:
        assert (await client.get("/metrics", headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("given", "status"), [("a-token-of-prometheus", 200), ("another", 404), (None, 404)]
)
async def test_metrics_are_for_who_has_the_token(database, make_trial_app, settings, given, status):
    app = make_trial_app(msgspec.structs.replace(settings, metrics_token="a-token-of-prometheus"))
    headers = {} if given is None else {"Authorization": f"Bearer {given}"}
    async with calling(app, "203.0.113.7") as client:
        assert (await client.get("/metrics", headers=headers)).status_code == status
