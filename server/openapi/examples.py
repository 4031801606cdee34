"""Examples, composed from schemas: what a field says of itself is shown, the rest is typical."""

from typing import Any

from server.openapi.schemas import Schema, named

TYPICAL = {
    "date-time": "2026-11-21T19:13:00Z",
    "date": "2026-11-21",
    "time": "19:13:00",
    "uuid": "6f1d3c0a-5b7e-4c55-9a52-2f8c1f0b7d11",
    "byte": "aGVsbG8=",
    "duration": "PT1H",
}
SCALARS: dict[str, Any] = {"boolean": True, "number": 1.5, "null": None}
DEEPEST = 8


class Composer:
    """Composes the example of a schema, following references."""

    def __init__(self, components: dict[str, Schema]) -> None:
        self.components = components

    def example(self, schema: Schema, depth: int = 0) -> Any:  # noqa: ANN401
        """A value that the schema allows."""
        if "$ref" in schema:
            return self.example(self.components[named(schema)], depth + 1)
        for said in ("examples", "enum"):
            if schema.get(said):
                return schema[said][0]
        if "const" in schema:
            return schema["const"]
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self.example(self._simplest(schema[choice], depth), depth + 1)
        return self._typical(schema, depth)

    def _simplest(self, choices: list[Schema], depth: int) -> Schema:
        """The first that isn't null. Deep inside a tree of choices, one that ends it."""
        real = [choice for choice in choices if choice.get("type") != "null"] or choices
        leaves = [choice for choice in real if "$ref" not in choice] or real
        return leaves[0] if depth > DEEPEST else real[0]

    def _typical(self, schema: Schema, depth: int) -> Any:  # noqa: ANN401
        match schema.get("type"):
            case "object":
                return self._object(schema, depth)
            case "array":
                items = schema.get("items", {})
                return [self.example(items, depth + 1)] if items and depth <= DEEPEST else []
            case "string":
                return TYPICAL.get(schema.get("format", ""), schema.get("default") or "text")
            case "integer":
                return schema.get("default") or max(1, schema.get("minimum", 1))
            case str(other):
                return SCALARS[other]
            case _:
                return "anything"

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        shown = {
            name: self.example(inner, depth + 1)
            for name, inner in schema.get("properties", {}).items()
            if depth <= DEEPEST or name in required
        }
        more = schema.get("additionalProperties")
        if not shown and isinstance(more, dict) and more:
            return {"name": self.example(more, depth + 1)}
        return shown
