"""Who may use which route: derived from the router, for every caller and every route (I39)."""

import importlib
import pkgutil
import re
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from litestar import Controller
from litestar.routes import HTTPRoute

from community.keys import service as keys
from community.keys.scopes import Scope
from community.members import staff
from ground.callers import Caller, CallerKind
from ground.engine import execute
from ground.roles import Role
from server import app as server_app
from server.app import CONTROLLERS, create_app
from server.auth import guard
from server.auth.guard import POLICIES
from server.config import Settings
from server.errors import CredentialsInvalid, SignInNeeded
from server.middleware.rate_limits import INGEST, READ, SIGN_IN, WRITE
from tests.community.people import joined
from tests.server.trial import TrialController

# Everything that answers without credentials. A new one is added here by hand, after a thought.
PUBLIC = {
    "GET /asyncapi.json",
    "GET /docs",
    "GET /docs/docs.css",
    "GET /docs/errors",
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    "GET /openapi.json",
    "GET /static/badges/{name}",
    "GET /unsubscribe/{token}",
    "GET /v1/badges",
    "GET /v1/badges/{slug}",
    "GET /v1/charter",
    "GET /v1/charter/versions/{version}",
    "GET /v1/kinds",
    "GET /v1/public/boards/{slug}",
    "GET /v1/public/challenges/{challenge_id}",
    "GET /v1/seasons",
    "GET /v1/seasons/{slug}",
    "GET /v1/tiers",
    "GET /v1/tiers/{slug}",
    "GET /widget",
    "GET /widget/frame",
    "GET /widget/{name}",
    "POST /unsubscribe/{token}",
    "POST /v1/dev/sign-in",
    "POST /v1/live/tickets",
}
OPT = POLICIES | {"body_limit", "limit", "credentials", "secret", "takes", "example"}
AT_THE_DOOR = {
    error.code
    for error in (
        SignInNeeded,
        guard.NotAdmitted,
        guard.MembershipNeeded,
        guard.RoleNeeded,
        guard.ScopeNeeded,
    )
}
STAFF = {"moderator": Role.MODERATOR, "manager": Role.MANAGER, "admin": Role.ADMIN}
CALLERS = ["anonymous", "candidate", "withdrawn", "member", *STAFF, "key", "other_key", "old_key"]
OPERATOR = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="tests")
# As what parameters of paths are sent, so that handlers find nothing and change nothing.
NOBODY = str(uuid4())
BY_UUID = ("campaign", "member", "key", "squad", "code", "challenge", "device")


def routes(controllers):
    """Method, path and handler of all routes that the application mounts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server_app, "CONTROLLERS", controllers)
        app = create_app(Settings(environment="test"))
    app.state.verifier.close()
    found = [
        (str(method), route.path_format, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method != "OPTIONS"
    ]
    return sorted(found, key=lambda route: route[:2])


ROUTES = routes(CONTROLLERS)
WITH_TRIALS = routes([*CONTROLLERS, TrialController])


def named(route):
    return f"{route[0]} {route[1]}"


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_route_declares_one_known_policy(route):
    opt = route[2].opt
    assert set(opt) <= OPT
    assert len(POLICIES & set(opt)) <= 1
    assert opt.get("limit", READ) in {READ, WRITE, INGEST, SIGN_IN, None}
    assert isinstance(opt.get("role", Role.ADMIN), Role)
    assert opt.get("scope", Scope.CLAIMS_WRITE) in set(Scope)


def test_the_public_routes_are_these():
    assert {named(route) for route in ROUTES if route[2].opt.get("public")} == PUBLIC


def test_management_is_for_staff():
    open_ones = [named(r) for r in ROUTES if "/manage" in r[1] and "role" not in r[2].opt]
    assert open_ones == []


def test_every_controller_is_mounted():
    """One that is written and not mounted is forgotten."""
    found = set()
    for package in ("server", "community", "gamification", "notifications"):
        for module in pkgutil.walk_packages([package], f"{package}."):
            if module.name.endswith((".routes", ".health", ".metrics")):
                members = vars(importlib.import_module(module.name)).values()
                found |= {m for m in members if isinstance(m, type) and issubclass(m, Controller)}
    # Without a path it is what several have in common.
    placed = {c for c in found - {Controller} if "path" in vars(c)}
    assert placed == {*CONTROLLERS, *server_app.DEVELOPMENT_CONTROLLERS}


def test_in_production_nobody_signs_in_without_firebase(monkeypatch):
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
    app = create_app(Settings(environment="production", firebase_project_id="a-brand"))
    app.state.verifier.close()
    assert not [route for route in app.routes if "/dev/" in route.path]


@pytest.fixture
async def credentials(database, sign_in) -> Callable[[str], Awaitable[dict[str, str]]]:
    """The headers of each kind of caller."""

    async def headers(kind):
        if kind in {"key", "other_key", "old_key"}:
            scopes = [Scope.ACTIVITIES_WRITE] if kind != "other_key" else [Scope.CLAIMS_WRITE]
            made = await keys.create(kind, kind.replace("_", "-"), scopes, by=OPERATOR)
            if kind == "old_key":
                await execute("UPDATE integration_key SET revoked_at = now()")
            return {"X-API-Key": made.secret}
        if kind in {"member", "withdrawn", *STAFF}:
            member_id = await joined(kind, "Camille Durand")
            if kind in STAFF:
                await staff.give(member_id, STAFF[kind], by=OPERATOR)
            if kind == "withdrawn":
                await execute(
                    "UPDATE member SET state = 'left', uid = NULL, display_name = '',"
                    " left_at = now() WHERE id = $1",
                    member_id,
                )
        return {} if kind == "anonymous" else sign_in(kind)

    return headers


def expected(kind, opt):
    """The code at the door for a caller on a route, or nothing for who is let in."""
    if kind == "old_key" and opt.get("credentials") != "ignored":
        return CredentialsInvalid.code
    if opt.get("public"):
        return None
    if kind == "anonymous":
        return SignInNeeded.code
    if "scope" in opt:
        has = {"key": Scope.ACTIVITIES_WRITE, "other_key": Scope.CLAIMS_WRITE}.get(kind)
        return None if has == opt["scope"] else guard.ScopeNeeded.code
    if kind in {"key", "other_key"}:
        return guard.NotAdmitted.code
    if opt.get("candidate"):
        return None
    if kind in {"candidate", "withdrawn"}:
        return guard.MembershipNeeded.code
    role = STAFF.get(kind, Role.AMBASSADOR)
    return None if role.reaches(opt.get("role", Role.AMBASSADOR)) else guard.RoleNeeded.code


@pytest.mark.parametrize("kind", CALLERS)
async def test_every_route_lets_in_whom_it_is_for_and_nobody_else(trials, credentials, kind):
    headers = await credentials(kind)
    wrong = []
    # Leaving comes last, so that who leaves was everywhere before.
    for method, path, handler in sorted(WITH_TRIALS, key=lambda r: r[:2] == ("DELETE", "/v1/me")):
        # It wants a body of its own before anything else, and the failures are on purpose.
        if "failures" in path:
            continue
        address = re.sub(r"\{[^}]+\}", lambda m: _parameter(m.group()), path)
        answer = await trials.request(method, address, headers=headers, json=_body(method))
        is_problem = answer.headers.get("content-type") == "application/problem+json"
        code = answer.json()["code"] if is_problem else None
        told = code if code in AT_THE_DOOR | {CredentialsInvalid.code} else None
        if told != expected(kind, handler.opt) or answer.status_code >= 500:
            wrong.append((method, path, answer.status_code, code, expected(kind, handler.opt)))
    assert wrong == []


def _parameter(name):
    return NOBODY if name.removesuffix("_id}").strip("{").endswith(BY_UUID) else "17"


def _body(method):
    # Refused by every route, for nothing must be changed by this.
    return {"surely": "unknown"} if method in {"POST", "PUT", "PATCH"} else None


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        "/v1/trials/moderators",
        "/v1/trials/moderators/",
        "//v1/trials/moderators",
        "/v1/trials/moderators/health/live",
        "/v1/trials/moderators/../../health/live",
        "/v1/trials/moderators;/health/live",
        "/v1/trials/moderators?/health/live",
        "/v1/trials/moderators/docs",
        "/V1/TRIALS/MODERATORS",
        "/v1/trials/managers/%2e%2e/members",
        "/health/live/../../v1/trials/moderators",
    ],
)
async def test_no_spelling_of_an_address_opens_it(trials, credentials, method, path):
    headers = await credentials("member")
    answer = await trials.request(method, path, headers=headers)

    assert answer.status_code in {204, 403, 404, 405} or path.startswith("/health")
    assert '"count"' not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic Y2FtaWxsZTpwYXNz"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": ""},
        {"Authorization": "Bearer a.b.c", "X-API-Key": "sk_x"},
        {"X-API-Key": ""},
        {"X-API-Key": "pk_0123456789abcdef0123456789abcdef"},
        {"X-API-Key": "sk_0123456789abcdef0123456789abcdef"},
        {"X-API-Key": "sk_' OR 1=1 --"},
        {"X-API-Key": "sk_" + "x" * 10_000},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/v1/me", "/v1/charter"])
async def test_credentials_that_are_none_are_refused_even_where_none_are_needed(
    trials, path, headers
):
    answer = await trials.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "credentials_invalid")


async def test_who_loses_a_role_loses_its_routes_within_five_seconds(
    trials, credentials, monkeypatch
):
    headers = await credentials("manager")
    assert (await trials.get("/v1/trials/managers", headers=headers)).status_code == 200
    await execute("UPDATE member SET role = 'ambassador'")

    later = time.monotonic() + 5.01
    monkeypatch.setattr("server.auth.callers.monotonic", lambda: later)
    answer = await trials.get("/v1/trials/managers", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_needed")


async def test_who_leaves_is_out_at_once(client, credentials):
    headers = await credentials("member")
    assert (await client.get("/v1/me", headers=headers)).status_code == 200
    left = await client.request("DELETE", "/v1/me", headers=headers)

    assert left.status_code in {200, 204}
    assert (await client.get("/v1/me", headers=headers)).status_code == 403


async def test_who_joins_is_in_at_once(client, sign_in):
    headers = sign_in("camille")
    assert (await client.get("/v1/me", headers=headers)).status_code == 403
    await joined("camille", "Camille")
    assert (await client.get("/v1/me", headers=headers)).status_code == 200
