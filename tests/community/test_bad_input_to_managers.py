"""Bad input to every route of staff gets its documented error and changes nothing (I40)."""

import re
from uuid import UUID

import pytest

from ground.engine import fetchval
from ground.roles import Role

JSON = "application/json"
NOBODY = str(UUID(int=7))
BODIES = {
    "nothing": (b"", 400, "malformed"),
    "half an object": (b"{", 400, "malformed"),
    "a form": (b"name=Camille", 400, "malformed"),
    "a spreadsheet": (b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml", 400, "malformed"),
    "Latin-1": ('{"name": "Zoé"}'.encode("latin-1"), 400, "malformed"),
    "deeper than anybody needs": (b"[" * 60_000, 400, "malformed"),
    "null": (b"null", 422, "invalid"),
    "a list": (b"[]", 422, "invalid"),
    "a text": (b'"x"', 422, "invalid"),
    "an unknown field": (b'{"nobody_knows_this": 1}', 422, "invalid"),
    "NUL in a text": (b'{"nobody\\u0000": "a\\u0000b"}', 422, "invalid"),
    "three megabytes": (b'{"name": "' + b"x" * (3 << 20) + b'"}', 413, "body_too_large"),
}
STRANGE = ["%00", "a" * 300, "%2e%2e", "%FF", "a%0Ab", "'%3B--"]


@pytest.fixture
async def ada(member):
    return await member("Ada", Role.ADMIN)


@pytest.fixture
async def routes(client):
    """Method, path and operation of all routes of staff."""
    paths = (await client.get("/openapi.json")).json()["paths"]
    return [
        (method.upper(), path, operation)
        for path, operations in paths.items()
        if path.startswith("/v1/manage/")
        for method, operation in operations.items()
    ]


def address(path: str, text: str = "nothing") -> str:
    """A path about what isn't there."""

    def parameter(found: re.Match[str]) -> str:
        name = found.group(1)
        if name in {"slug", "name"}:
            return text
        by_number = {"act_id", "entry_id", "preview_id", "publication_id"}
        return "7" if name in by_number else NOBODY

    return re.sub(r"\{(\w+)\}", parameter, path)


async def test_a_bad_body_gets_its_error(client, ada, routes):
    before = await fetchval("SELECT count(*) FROM audit_entry")
    headers = ada.headers | {"Content-Type": JSON}
    taking = [
        (method, address(path))
        for method, path, operation in routes
        if JSON in operation.get("requestBody", {}).get("content", {})
    ]
    other = {}
    for method, path in taking:
        for kind, (body, status, code) in BODIES.items():
            answer = await client.request(method, path, content=body, headers=headers)
            if (answer.status_code, answer.json()["code"]) != (status, code):
                other[method, path, kind] = (answer.status_code, answer.text)

    assert other == {}
    assert len(taking) > 20
    assert await fetchval("SELECT count(*) FROM audit_entry") == before


async def test_a_body_of_another_type_is_refused(client, ada, routes):
    other = {}
    for method, path, operation in routes:
        taken = operation.get("requestBody", {}).get("content", {})
        for media_type in ("text/csv", "multipart/form-data", "") if taken else ():
            headers = ada.headers | {"Content-Type": media_type}
            answer = await client.request(method, address(path), content=b"{}", headers=headers)
            if (answer.status_code, answer.json()["code"]) != (415, "media_type_unsupported"):
                other[method, path, media_type] = (answer.status_code, answer.text)

    assert other == {}


async def test_a_strange_name_in_an_address_is_no_failure_of_ours(client, ada, routes):
    before = await fetchval("SELECT count(*) FROM audit_entry")
    other = {}
    for method, path, operation in routes:
        if "{slug}" not in path:
            continue
        for text in STRANGE:
            answer = await client.request(method, address(path, text), json={}, headers=ada.headers)
            documented = str(answer.status_code) in operation["responses"]
            if not (400 <= answer.status_code < 500 and documented):
                other[method, path, text] = (answer.status_code, answer.text)

    assert other == {}
    assert await fetchval("SELECT count(*) FROM audit_entry") == before
