"""The OpenAPI 3.1 document of what is mounted."""

from typing import Any

from litestar import Litestar
from litestar.routes import HTTPRoute

from ground.http import Problem
from server.config import Settings
from server.openapi.examples import Composer
from server.openapi.operations import Operation
from server.openapi.schemas import Schema, schemas_of
from server.version import VERSION

INTRODUCTION = """\
What members of an ambassador community do, what it is worth, and why.

Moments are RFC 3339 in UTC, days are `YYYY-MM-DD`, durations are seconds, ids are strings.
Lists answer `items` and `next_cursor`; send it back as `cursor` for what follows.
An unknown field is an error. PATCH takes what is given and leaves the rest.

Every failure is `application/problem+json` (RFC 9457) with a stable `code`: all of them are
listed under [errors](/docs/errors). `X-Request-ID` is on every answer. `RateLimit` and
`RateLimit-Policy` say how much is left; over a limit, `Retry-After` says when to come back.
"""
SECURITY: Schema = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A Firebase ID token of an ambassador or of staff.",
    },
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "A key `sk_...` of one of the brand's systems, with scopes.",
    },
}


def operations_of(app: Litestar) -> list[Operation]:
    """Everything that is mounted and meant for callers, in an order of its own."""
    operations = [
        Operation(route.path_format, method, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.resolve_include_in_schema()
        for method in handler.http_methods
    ]
    return sorted(operations, key=lambda operation: (operation.path, operation.method))


def document(app: Litestar, settings: Settings) -> dict[str, Any]:
    """The whole document."""
    operations = operations_of(app)
    types = [t for operation in operations for t in operation.types()]
    schemas, components = schemas_of([*types, Problem])
    composer = Composer(components)
    paths: dict[str, Schema] = {}
    for operation in operations:
        documented = operation.documented(schemas, composer)
        paths.setdefault(operation.path, {})[operation.method.lower()] = documented
    return {
        "openapi": "3.1.0",
        "info": {
            "title": settings.programme_name,
            "version": VERSION,
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": settings.public_url.rstrip("/")}],
        "paths": paths,
        "components": {"schemas": dict(sorted(components.items())), "securitySchemes": SECURITY},
    }
