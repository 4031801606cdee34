"""What the OpenAPI document allows, and what it doesn't, as every kind of caller.

No call ends in a fault of ours, and every answer is one that the document knows (I39, I40, I41).
"""

import json
import re
from functools import cache
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from community.keys import service as keys
from community.keys.scopes import Scope
from community.members import staff
from gamification.catalogue.publishing import publish
from ground.callers import Caller, CallerKind
from ground.engine import execute
from ground.roles import Role
from server.app import create_app
from server.config import Settings
from server.openapi.document import document
from tests.community.people import joined
from tests.gamification.programme import catalogue

CALLERS = [
    "anonymous",
    "candidate",
    "member",
    "moderator",
    "manager",
    "admin",
    "system",
    "withdrawn",
]
STAFF = {"moderator": Role.MODERATOR, "manager": Role.MANAGER, "admin": Role.ADMIN}
OPERATOR = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="tests")
CREDENTIALS = {"authorization", "x-api-key"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What there is, as parameters of paths call it.
THERE = {"slug": "first-post", "version": 1}


@schemathesis.serializer("application/toml")
def as_it_is(_: Any, text: Any) -> bytes:
    """Schemathesis makes up no TOML: it sends any text."""
    return str(text).encode(errors="replace")


@cache
def described() -> dict[str, Any]:
    """The document."""
    settings_ = Settings(environment="test")
    app = create_app(settings_)
    app.state.verifier.close()
    return document(app, settings_)


@cache
def operations() -> dict[str, APIOperation[Any, Any, Any, Any]]:
    """All operations of the document, by method and path."""
    schema = schemathesis.openapi.from_dict(described())
    found: list[Any] = [each.ok() for each in schema.get_all_operations()]  # type: ignore[union-attr]
    return {each.label: each for each in found}


def named_in(part: Any) -> set[str]:
    """The schemas that a part of the document names."""
    return set(re.findall(r"#/components/schemas/([\w.-]+)", json.dumps(part)))


def reached_from(part: Any) -> set[str]:
    """The schemas that a part leads to, however far."""
    schemas, found = described()["components"]["schemas"], set[str]()
    open_ = named_in(part)
    while open_:
        name = open_.pop()
        found.add(name)
        open_ |= named_in(schemas[name]) - found
    return found


@cache
def in_circles(label: str) -> bool:
    """Whether the body is a tree of any depth, as criteria are. Making up wrong ones takes ages."""
    method, path = label.split(" ", 1)
    body = described()["paths"][path][method.lower()].get("requestBody", {})
    schemas = described()["components"]["schemas"]
    return any(name in reached_from(schemas[name]) for name in reached_from(body))


@cache
def cases(label: str, mode: GenerationMode) -> st.SearchStrategy[Any]:
    """Calls of an operation, as it wants them or as it doesn't."""
    return operations()[label].as_strategy(generation_mode=mode)


def modes(label: str) -> list[GenerationMode]:
    """Where nothing can be said, nothing can be said wrongly."""
    each = operations()[label]
    says_something = bool(each.query or each.path_parameters or each.body)
    wrong_too = says_something and not in_circles(label)
    return list(GenerationMode) if wrong_too else [GenerationMode.POSITIVE]


@pytest.fixture
async def caller(database, sign_in, request):
    """The headers of one kind of caller, in a community with a catalogue and somebody in it."""
    await publish(catalogue(), to_the_past=True)
    kind = request.getfixturevalue("kind")
    somebody = await joined("somebody", "Camille Durand")
    headers = {} if kind == "anonymous" else sign_in(kind)
    if kind == "system":
        made = await keys.create("Shop", "shop", list(Scope), by=OPERATOR)
        headers = {"X-API-Key": made.secret}
    if kind in {"member", "withdrawn", *STAFF}:
        member_id = await joined(kind, "Alice Martin")
        if kind in STAFF:
            await staff.give(member_id, STAFF[kind], by=OPERATOR)
        if kind == "withdrawn":
            await execute(
                "UPDATE member SET state = 'left', uid = NULL, display_name = '',"
                " left_at = now() WHERE id = $1",
                member_id,
            )
    return headers, THERE | {"member_id": str(somebody)}


def but_leaving():
    """It has a test of its own: who left is somebody else."""
    return sorted(operations().keys() - {"DELETE /v1/me"})


async def ask(client, case, headers, there):
    """Make the call that was thought of, as this caller."""
    for name in set(case.path_parameters or {}) & set(there):
        case.path_parameters[name] = there[name]
    for name in [name for name in case.headers if name.lower() in CREDENTIALS]:
        del case.headers[name]
    case.headers.update(headers)
    call = requests.Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
    body = call.body.encode() if isinstance(call.body, str) else call.body
    said = {name: value for name, value in call.headers.items() if name.lower() != "content-length"}
    return await client.request(call.method, call.url, headers=said, content=body)


async def try_a_call(client, caller, labels, data):
    headers, there = caller
    label = data.draw(st.sampled_from(labels))
    case = data.draw(cases(label, data.draw(st.sampled_from(modes(label)))))
    known = there if data.draw(st.booleans()) else {}
    answer = await ask(client, case, headers, known)
    case.validate_response(answer, checks=CHECKS)


HOW: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


@pytest.mark.parametrize("kind", CALLERS)
@seed(815)
@settings(max_examples=15, **HOW)
@given(data=st.data())
async def test_some_calls_are_answered_as_the_document_says(client, caller, kind, data):
    """I39, I40, I41, T2."""
    await try_a_call(client, caller, but_leaving(), data)


@pytest.mark.long
@pytest.mark.parametrize("kind", CALLERS)
@seed(815)
@settings(max_examples=200, **HOW)
@given(data=st.data())
async def test_every_call_is_answered_as_the_document_says(client, caller, kind, data):
    """I39, I40, I41, T2."""
    await try_a_call(client, caller, but_leaving(), data)


@pytest.mark.long
@pytest.mark.parametrize("kind", CALLERS)
@seed(815)
@settings(max_examples=5, **HOW)
@given(data=st.data())
async def test_leaving_is_answered_as_the_document_says(client, caller, kind, data):
    """I41."""
    await try_a_call(client, caller, ["DELETE /v1/me"], data)
