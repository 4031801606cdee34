"""The keys of the brand's systems."""

import asyncio
import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest

from community.keys import service
from community.keys.errors import KeyNotAcceptable, KeyNotCurrent, KeyNotFound, SourceTaken
from community.keys.scopes import Scope
from ground import clock
from ground.engine import fetch, fetchval
from tests.community.conftest import OPERATOR
from tests.community.telling import review

WRITE = [Scope.ACTIVITIES_WRITE]
DAY = timedelta(days=1)


async def make(source="crm", **more):
    return await service.create("CRM", source, WRITE, by=OPERATOR, **more)


async def test_a_key_is_known_by_its_secret(database):
    made = await make()

    found = await service.find_key(made.secret)

    assert found is not None
    assert (found.source, found.scopes) == ("crm", {"activities:write"})


async def test_the_secret_is_long_and_kept_as_a_digest(database):
    made = await make()

    row = await fetchval("SELECT to_jsonb(integration_key)::text FROM integration_key")
    assert made.secret.startswith("sk_")
    assert len(made.secret) == 3 + 43
    assert made.secret not in row
    assert made.secret.startswith(made.key.prefix)
    assert await fetchval("SELECT digest FROM integration_key") == (
        hashlib.sha256(made.secret.encode()).digest()
    )


@pytest.mark.parametrize("secret", ["", "sk_", "sk_guess", "pk_public", "é", "sk_" + "a" * 43])
async def test_guesses_open_nothing(database, secret):
    await make()

    assert await service.find_key(secret) is None


async def test_a_source_has_one_current_key(database):
    await make()

    with pytest.raises(SourceTaken):
        await make()


async def test_of_keys_made_at_once_one_is_made(database):
    made = await asyncio.gather(*(make() for _ in range(5)), return_exceptions=True)

    assert sum(isinstance(each, SourceTaken) for each in made) == 4
    assert await fetchval("SELECT count(*) FROM integration_key") == 1


async def test_rotation_leaves_no_gap(database):
    old = await make()

    new = await service.rotate(old.key.id, overlap=DAY, by=OPERATOR)

    assert new.key.source == "crm"
    assert await service.find_key(old.secret) is not None
    assert await service.find_key(new.secret) is not None
    with clock.shifted(DAY + timedelta(seconds=1)):
        assert await service.find_key(old.secret) is None
        assert await service.find_key(new.secret) is not None


async def test_rotation_without_overlap_ends_the_old_one_at_once(database):
    old = await make()

    await service.rotate(old.key.id, overlap=timedelta(0), by=OPERATOR)

    assert await service.find_key(old.secret) is None


async def test_a_key_is_replaced_once(database):
    old = await make()
    await service.rotate(old.key.id, overlap=DAY, by=OPERATOR)

    with pytest.raises(KeyNotCurrent):
        await service.rotate(old.key.id, overlap=DAY, by=OPERATOR)


async def test_rotations_at_once_make_one_key(database):
    old = await make()

    made = await asyncio.gather(
        *(service.rotate(old.key.id, overlap=DAY, by=OPERATOR) for _ in range(5)),
        return_exceptions=True,
    )

    assert sum(isinstance(each, KeyNotCurrent) for each in made) == 4
    assert await fetchval("SELECT count(*) FROM integration_key") == 2


async def test_a_revoked_key_opens_nothing_and_frees_its_source(database):
    old = await make()

    await service.revoke(old.key.id, by=OPERATOR)
    await service.revoke(old.key.id, by=OPERATOR)

    assert await service.find_key(old.secret) is None
    new = await make()
    assert await service.find_key(new.secret) is not None


async def test_a_key_with_an_end_ends(database):
    made = await make(lasts=DAY)

    with clock.shifted(DAY):
        assert await service.find_key(made.secret) is None


async def test_the_last_use_is_noted_once_a_minute(database):
    made = await make()

    async def noted():
        return await fetchval("SELECT last_used_at FROM integration_key")

    assert await noted() is None
    await asyncio.gather(*(service.find_key(made.secret) for _ in range(5)))
    first = await noted()
    assert first is not None
    await service.find_key(made.secret)
    assert await noted() == first
    with clock.shifted(timedelta(minutes=2)):
        await service.find_key(made.secret)
    assert await noted() > first


@pytest.mark.parametrize(
    ("name", "source", "scopes", "lasts"),
    [
        pytest.param("", "crm", WRITE, None, id="no name"),
        pytest.param(" ", "crm", WRITE, None, id="a blank name"),
        pytest.param("a" * 61, "crm", WRITE, None, id="a name too long"),
        pytest.param("C\x1b[31mRM", "crm", WRITE, None, id="a name that paints the terminal"),
        pytest.param("CRM", "", WRITE, None, id="no source"),
        pytest.param("CRM", "CRM", WRITE, None, id="capitals in the source"),
        pytest.param("CRM", "c:rm", WRITE, None, id="a colon in the source"),
        pytest.param("CRM", "crm\n", WRITE, None, id="a line break in the source"),
        pytest.param("CRM", "a" * 41, WRITE, None, id="a source too long"),
        pytest.param("CRM", "ambassade", WRITE, None, id="our own source"),
        pytest.param("CRM", "crm", [], None, id="no scope"),
        pytest.param("CRM", "crm", WRITE, timedelta(0), id="no time to work"),
    ],
)
async def test_keys_that_are_not_made(database, name, source, scopes, lasts):
    with pytest.raises(KeyNotAcceptable):
        await service.create(name, source, scopes, lasts=lasts, by=OPERATOR)

    assert await fetchval("SELECT count(*) FROM integration_key") == 0


async def test_what_is_done_to_keys_is_audited(database):
    """I49."""
    made = await make()
    new = await service.rotate(made.key.id, overlap=DAY, by=OPERATOR)
    await service.revoke(new.key.id, by=OPERATOR)

    rows = await fetch(
        "SELECT actor, action, details::text AS details FROM audit_entry ORDER BY id"
    )
    assert [row["action"] for row in rows] == ["keys.created", "keys.rotated", "keys.revoked"]
    assert {row["actor"] for row in rows} == {"operator:tests"}
    assert not any(secret in row["details"] for row in rows for secret in (made.secret, new.secret))


async def test_keys_that_are_not_there(database):
    nobody = uuid4()

    with pytest.raises(KeyNotFound):
        await service.revoke(nobody, by=OPERATOR)
    with pytest.raises(KeyNotFound):
        await service.rotate(nobody, overlap=DAY, by=OPERATOR)


async def test_over_http_a_revoked_key_is_a_stranger(client, app, alice):
    made = await make()
    body = {"activities": [review(alice.id)]}
    headers = {"X-API-Key": made.secret}
    assert (await client.post("/v1/activities", json=body, headers=headers)).status_code == 200

    await service.revoke(made.key.id, by=OPERATOR)
    app.state.callers.keys.forget_all()

    response = await client.post("/v1/activities", json=body, headers=headers)
    assert response.status_code == 401
    assert made.secret not in response.text
