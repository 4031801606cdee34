"""The OpenAPI document is the reference: every operation is described, shown and has its errors."""

import re

import pytest

from server.app import create_app
from server.config import Settings
from server.docs.pages import _line
from server.openapi.document import document
from server.openapi.refusals import all_errors

METHODS_WITH_BODIES = {"post", "put", "patch"}


def described():
    app = create_app(Settings(environment="test"))
    app.state.verifier.close()
    return document(app, app.state.settings)


DOCUMENT = described()
OPERATIONS = [
    pytest.param(operation, method, id=f"{method.upper()} {path}")
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def resolved(schema):
    if "$ref" in schema:
        return DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


@pytest.mark.parametrize(("operation", "method"), OPERATIONS)
def test_an_operation_says_what_it_does_and_for_whom(operation, method):
    assert len(operation["summary"]) >= 8
    assert operation["description"].startswith(operation["summary"])
    assert operation["description"].rstrip().endswith((".", ":", "`"))
    assert operation["tags"]
    assert operation["security"]
    assert operation["x-for"]


@pytest.mark.parametrize(("operation", "method"), OPERATIONS)
def test_an_operation_shows_what_goes_in_and_out(operation, method):
    body = operation.get("requestBody")
    if body is not None:
        assert all(kind["example"] not in ({}, None) for kind in body["content"].values())
    for parameter in operation["parameters"]:
        assert parameter["description"]
        assert "example" in parameter
    success = {s: a for s, a in operation["responses"].items() if s.startswith("2")}
    assert success
    for status, answer in success.items():
        shown = [kind["example"] for kind in answer.get("content", {}).values()]
        assert status == "204" or (shown and None not in shown)


@pytest.mark.parametrize(("operation", "method"), OPERATIONS)
def test_an_operation_lists_its_errors(operation, method):
    responses = operation["responses"]
    assert {"500", "503"} <= set(responses)
    if operation["security"] != [{}]:
        assert {"401", "403", "429"} <= set(responses)
    if method in METHODS_WITH_BODIES and "requestBody" in operation:
        assert {"400", "413", "415", "422"} <= set(responses)
    if method == "post":
        assert "idempotency_key_busy" in codes_of(responses["409"])
        assert "idempotency_key_reused" in codes_of(responses["422"])
    known = {error.code for error in all_errors()}
    for status, answer in responses.items():
        if (
            not status.startswith("2")
            and status != "304"
            and "application/problem+json" in answer.get("content", {})
        ):
            assert codes_of(answer) <= known
            assert answer["description"]
            for example in answer["content"]["application/problem+json"]["examples"].values():
                assert str(example["value"]["status"]) == status


def codes_of(answer):
    examples = answer["content"]["application/problem+json"]["examples"].values()
    return {example["value"]["code"] for example in examples}


def test_operations_have_names_of_their_own():
    names = [param.values[0]["operationId"] for param in OPERATIONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_a_text_has_an_example_and_a_type_a_description(name):
    """`Annotated[str, Meta(examples=[...])]` is what a client's author reads first."""
    schema = DOCUMENT["components"]["schemas"][name]
    silent = [
        field
        for field, inner in schema.get("properties", {}).items()
        for text in texts_in(inner)
        if not {"examples", "format", "enum", "const", "pattern"} & set(text)
        and "examples" not in inner
    ]
    assert silent == []
    assert schema.get("description") or "enum" in schema, "needs a docstring"


def texts_in(schema):
    if schema.get("type") == "string":
        yield schema
    for inner in [*schema.get("anyOf", []), *([schema["items"]] if schema.get("items") else [])]:
        yield from texts_in(inner)


def test_bodies_say_that_unknown_fields_are_errors():
    for param in OPERATIONS:
        body = param.values[0].get("requestBody")
        if body is not None and "application/json" in body["content"]:
            schema = resolved(body["content"]["application/json"]["schema"])
            for choice in schema.get("anyOf", [schema]):
                assert resolved(choice).get("additionalProperties") is False, param.id


def sent_schemas():
    """Every schema that a body reaches, with the way to it."""
    seen = set()
    waiting = [
        (param.id, kind["schema"])
        for param in OPERATIONS
        for kind in param.values[0].get("requestBody", {"content": {}})["content"].values()
    ]
    while waiting:
        way, schema = waiting.pop()
        if schema.get("$ref") in seen:
            continue
        seen.add(schema.get("$ref")) if "$ref" in schema else None
        schema = resolved(schema)
        yield way, schema
        inner = list(schema.get("properties", {}).items())
        inner += [("[]", schema[key]) for key in ("items",) if schema.get(key)]
        inner += [("", each) for key in ("anyOf", "oneOf") for each in schema.get(key, [])]
        waiting += [(f"{way}.{name}", each) for name, each in inner]


def test_everything_that_is_sent_is_bounded():
    """I42: no text, list or object of any length."""
    bounds = {
        "string": {"maxLength", "enum", "const", "format"},
        "array": {"maxItems"},
    }
    endless = [
        way
        for way, schema in sent_schemas()
        if schema.get("type") in bounds and not bounds[schema["type"]] & set(schema)
    ]
    assert endless == []


def test_every_list_comes_in_pages_of_at_most_a_hundred():
    for param in OPERATIONS:
        operation = param.values[0]
        for answer in operation["responses"].values():
            schema = resolved(
                answer.get("content", {}).get("application/json", {}).get("schema", {})
            )
            if "next_cursor" in schema.get("properties", {}):
                [limit] = [p for p in operation["parameters"] if p["name"] == "limit"]
                assert limit["schema"]["maximum"] <= 100, param.id
                assert "cursor" in {p["name"] for p in operation["parameters"]}, param.id


def test_every_reference_leads_somewhere():
    wanted = set(re.findall(r'#/components/schemas/([^\'"]+)', str(DOCUMENT)))
    assert wanted <= set(DOCUMENT["components"]["schemas"])


def test_moments_are_marked_as_such():
    joined_at = DOCUMENT["components"]["schemas"]["MeView"]["properties"]["joined_at"]
    assert joined_at["format"] == "date-time"


async def test_the_document_and_its_pages_are_open_and_load_nothing_from_elsewhere(client):
    openapi = await client.get("/openapi.json")
    assert openapi.json()["openapi"] == "3.1.0"
    for path in ("/docs", "/docs/errors"):
        page = await client.get(path)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "style-src 'self'" in page.headers["content-security-policy"]
        assert "<script" not in page.text
        loaded = re.findall(r'(?:src|href)="([^"#]+)', page.text)
        assert loaded
        assert all(address.startswith("/") for address in loaded)
        for address in set(loaded):
            answer = await client.get(address)
            assert answer.status_code == 200, address


async def test_the_docs_show_every_operation(client):
    page = (await client.get("/docs")).text
    for param in OPERATIONS:
        assert f'id="{param.values[0]["operationId"]}"' in page


def test_what_stands_in_a_docstring_stays_text():
    assert str(_line("<b> `<i>` [x](javascript:y)")) == (
        "&lt;b&gt; <code>&lt;i&gt;</code> [x](javascript:y)"
    )
