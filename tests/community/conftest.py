"""A community, and people who joined it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from community.keys import service as keys
from community.keys.scopes import Scope
from community.members import staff
from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from ground.callers import Caller, CallerKind
from ground.roles import Role
from tests.community.challenges import DRAFT
from tests.community.people import Someone, joined

CATALOGUE = Path(__file__).with_name("catalogue.toml")
OPERATOR = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="tests")


@pytest.fixture
def member(
    database: None, sign_in: Callable[..., dict[str, str]]
) -> Callable[..., Awaitable[Someone]]:
    """Let somebody join, with a role perhaps."""

    async def come(name: str, role: Role = Role.AMBASSADOR, **claims: str | bool) -> Someone:
        uid = f"uid-{name.lower()}"
        member_id = await joined(uid, name)
        if role is not Role.AMBASSADOR:
            await staff.give(member_id, role, by=OPERATOR)
        return Someone(member_id, uid, sign_in(uid, **claims))

    return come


@pytest.fixture
async def alice(member: Callable[..., Awaitable[Someone]]) -> Someone:
    return await member("Alice")


@pytest.fixture
async def bob(member: Callable[..., Awaitable[Someone]]) -> Someone:
    return await member("Bob")


@pytest.fixture
async def crm(database: None) -> dict[str, str]:
    """The headers of the brand's CRM, which may do all that a system may."""
    made = await keys.create("CRM", "crm", list(Scope), by=OPERATOR)
    return {"X-API-Key": made.secret}


@pytest.fixture
async def shop(database: None) -> dict[str, str]:
    """The headers of the brand's shop."""
    made = await keys.create("Shop", "shop", [Scope.ACTIVITIES_WRITE], by=OPERATOR)
    return {"X-API-Key": made.secret}


@pytest.fixture
async def catalogue(database: None) -> None:
    """Reviews bring 5 points and at most 10 a day, visits bring 1."""
    await publish(read_toml(CATALOGUE.read_bytes()), to_the_past=True)


@pytest.fixture
async def carol(member: Callable[..., Awaitable[Someone]]) -> Someone:
    return await member("Carol")


@pytest.fixture
async def max_(member: Callable[..., Awaitable[Someone]]) -> Someone:
    """A manager."""
    return await member("Max", Role.MANAGER)


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Callable[..., Awaitable[httpx.Response]]:
    """Let somebody ask for something below /v1. What is named more is the body."""

    async def asked(
        method: str,
        path: str,
        someone: Someone,
        *,
        headers: dict[str, str] | None = None,
        **body: Any,
    ) -> httpx.Response:
        return await client.request(
            method,
            f"/v1{path}",
            headers=someone.headers | (headers or {}),
            json=body if method in {"POST", "PUT", "PATCH"} else None,
        )

    return asked


@pytest.fixture
def challenge(
    ask: Callable[..., Awaitable[httpx.Response]], max_: Someone
) -> Callable[..., Awaitable[str]]:
    """Publish a challenge. Gives its id."""

    async def published(**changes: Any) -> str:
        made = await ask("POST", "/manage/challenges", max_, **DRAFT | changes)
        assert made.status_code == 201, made.text
        path = f"/manage/challenges/{made.json()['id']}"
        done = await ask("PUT", f"{path}/published", max_)
        assert done.status_code == 200, done.text
        return str(made.json()["id"])

    return published
