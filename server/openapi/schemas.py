"""JSON schemas of all bodies and answers, from the types that decode and encode them."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import inspect

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/"


def schemas_of(types: Iterable[object]) -> tuple[dict[object, Schema], dict[str, Schema]]:
    """Each type's schema, and the components that these refer to."""
    wanted = list(dict.fromkeys(types))
    structs = {struct.cls: struct for struct in _structs_in(map(_understood, wanted))}
    schemas, components = msgspec.json.schema_components(
        [*wanted, *structs], ref_template=REFERENCE + "{name}"
    )
    for struct, reference in zip(structs.values(), schemas[len(wanted) :], strict=True):
        _mark_moments(struct, components[named(reference)])
    return dict(zip(wanted, schemas, strict=False)), components


def _understood(wanted: object) -> inspect.Type:
    try:
        return inspect.type_info(wanted)
    except TypeError as failure:
        # A constraint on `str | None` as a whole, for example: it belongs inside the union.
        raise TypeError(f"{wanted} can't be described: {failure}") from failure


def named(reference: Schema) -> str:
    """The component that a reference names."""
    return str(reference["$ref"]).removeprefix(REFERENCE)


def _structs_in(types: Iterable[inspect.Type]) -> Iterator[inspect.StructType]:
    seen: set[int] = set()
    waiting = list(types)
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, inspect.StructType):
            yield current
            waiting += [field.type for field in current.fields]
        waiting += _inner_types(current)


def _inner_types(current: inspect.Type) -> list[inspect.Type]:
    match current:
        case inspect.UnionType(types=types):
            return list(types)
        case inspect.TupleType(item_types=types):
            return list(types)
        case (
            inspect.ListType()
            | inspect.VarTupleType()
            | inspect.SetType()
            | inspect.FrozenSetType()
        ):
            return [current.item_type]
        case inspect.DictType(key_type=key, value_type=value):
            return [key, value]
        case inspect.Metadata(type=inner):
            return [inner]
        case _:
            return []


def _mark_moments(struct: inspect.StructType, component: Schema) -> None:
    """msgspec says `date-time` only where it demands an offset, which an answer always has."""
    for field in struct.fields:
        if any(isinstance(t, inspect.DateTimeType) for t in _with_inner(field.type)):
            for schema in _plain_strings(component["properties"][field.encode_name]):
                schema["format"] = "date-time"


def _with_inner(field_type: inspect.Type) -> list[inspect.Type]:
    return [field_type, *(t for inner in _inner_types(field_type) for t in _with_inner(inner))]


def _plain_strings(schema: Schema) -> Iterator[Schema]:
    if schema.get("type") == "string" and "format" not in schema and "enum" not in schema:
        yield schema
    for inner in [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]:
        yield from _plain_strings(inner)
