"""The documentation as HTML: rendered from the OpenAPI document, with nothing to load elsewhere."""

import inspect
import re
from collections import defaultdict
from http import HTTPStatus
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ground.http import PROBLEM
from server.openapi.operations import JSON
from server.openapi.refusals import all_errors
from server.openapi.schemas import Schema, named

_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[([^\]]+)\]\((/[a-z/#_.-]*)\)")


def api_page(document: Schema) -> str:
    """All operations and types."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for tag in operation["tags"] or ["other"]:
                groups[tag].append(_operation(path, method, operation))
    return (
        _environment()
        .get_template("api.html")
        .render(
            info=document["info"],
            groups=sorted(groups.items()),
            schemas=document["components"]["schemas"],
        )
    )


def errors_page(document: Schema) -> str:
    """Every code, from the error classes themselves."""
    errors = [
        {
            "code": error.code,
            "status": HTTPStatus(error.status),
            "title": error.title,
            "when": inspect.cleandoc(error.__doc__ or ""),
        }
        for error in all_errors()
    ]
    return _environment().get_template("errors.html").render(info=document["info"], errors=errors)


def _operation(path: str, method: str, operation: Schema) -> dict[str, Any]:
    body = operation.get("requestBody")
    return {
        "id": operation["operationId"],
        "path": path,
        "method": method,
        "summary": operation["summary"],
        "description": operation["description"],
        "who": operation["x-for"],
        "parameters": operation["parameters"],
        "body": next(iter(body["content"].values())) if body else None,
        "answers": [_answer(*answer) for answer in operation["responses"].items()],
    }


def _answer(status: str, response: Schema) -> tuple[str, dict[str, Any]]:
    content = response.get("content", {})
    examples = content.get(PROBLEM, {}).get("examples", {})
    is_problem = bool(examples)
    first = next(iter(examples.values()))["value"] if examples else None
    return status, {
        "short": ", ".join(examples) if is_problem else response["description"],
        "description": response["description"] if is_problem else "",
        "example": first if is_problem else content.get(JSON, {}).get("example"),
    }


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("server.docs"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"prose": _prose, "line": _line, "json": _json, "kind": _kind}
    return environment


def _prose(text: str) -> Markup:
    """Paragraphs and lists of plain text."""
    parts = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = paragraph.split("\n")
        if all(line.startswith("- ") for line in lines):
            items = Markup().join(Markup("<li>{}</li>").format(_line(line[2:])) for line in lines)
            parts.append(Markup("<ul>{}</ul>").format(items))
        elif paragraph:
            parts.append(Markup("<p>{}</p>").format(_line(" ".join(lines))))
    return Markup().join(parts)


def _line(text: str) -> Markup:
    marked = _CODE.sub(r"<code>\1</code>", str(escape(text)))
    return Markup(_LINK.sub(r'<a href="\2">\1</a>', marked))  # noqa: S704 - escaped above


def _json(example: object) -> str:
    return msgspec.json.format(msgspec.json.encode(example), indent=2).decode()


def _kind(schema: Schema) -> Markup:
    """A schema in a few words."""
    if "$ref" in schema:
        name = named(schema)
        return Markup('<a href="#type-{0}">{0}</a>').format(name)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return Markup(" or ").join(_kind(inner) for inner in schema[choice])
    if "enum" in schema:
        return Markup(", ").join(
            Markup("<code>{}</code>").format(value) for value in schema["enum"]
        )
    if "const" in schema:
        return Markup("<code>{}</code>").format(schema["const"])
    if schema.get("type") == "array" and schema.get("items"):
        return Markup("list of {}").format(_kind(schema["items"]))
    return escape(f"{schema.get('format') or schema.get('type', 'anything')}{_bounds(schema)}")


def _bounds(schema: Schema) -> str:
    low = schema.get("minimum", schema.get("minLength"))
    high = schema.get("maximum", schema.get("maxLength"))
    if low is None and high is None:
        return ""
    return f" ({'' if low is None else low} to {'' if high is None else high})"
