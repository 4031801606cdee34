"""The catalogue as somebody would write it: what is in force, to be loaded elsewhere. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
import tomli_w

from gamification.catalogue.definitions import SHAPES, Definition, What
from gamification.catalogue.history import Version
from gamification.rules.criteria import ANY_KIND

HEAD: Final = "# The catalogue as it is in force. Load it with: ambassade catalogue load FILE\n"
_STILL_ASKED_FOR: Final = """\
# Retired here, and still asked for by criteria: {}.
"""


def as_toml(versions: Iterable[Version]) -> str:
    """What is in force, and what is retired and still asked for: without it nothing would load."""
    latest = {(each.what, each.slug): each for each in sorted(versions, key=lambda v: v.version)}
    shown = {key: each.definition for key, each in latest.items() if not each.retired}
    retired = {key: each.definition for key, each in latest.items() if each.retired}
    asked_for: list[str] = []
    open_ = list(shown.values())
    while open_:
        named = set(_named_in(open_.pop()))
        for key in sorted(key for key in retired if key in named and key not in shown):
            shown[key] = retired[key]
            open_.append(retired[key])
            asked_for.append(" ".join(key))
    tables: dict[str, list[dict[str, Any]]] = {
        what: [written_plainly(shown[key]) for key in sorted(shown) if key[0] == what]
        for what in SHAPES
    }
    head = HEAD + (_STILL_ASKED_FOR.format(", ".join(sorted(asked_for))) if asked_for else "")
    written = tomli_w.dumps({what: rows for what, rows in tables.items() if rows})
    return f"{head}\n{written}"


def written_plainly(struct: msgspec.Struct) -> dict[str, Any]:
    """A struct's fields, apart from those that are as they are without saying."""
    config = struct.__struct_config__
    plain: dict[str, Any] = {}
    if config.tag is not None and config.tag_field is not None:
        plain[config.tag_field] = config.tag
    for field in msgspec.structs.fields(type(struct)):
        value = getattr(struct, field.name)
        if value is None or value == _default(field):
            continue
        plain[field.encode_name] = _plain(value)
    return plain


def _default(field: msgspec.structs.FieldInfo) -> object:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _plain(value: object) -> object:
    match value:
        case msgspec.Struct():
            return written_plainly(value)
        case list() | tuple():
            return [_plain(each) for each in value]
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case _:
            return value


def _named_in(value: Definition) -> Iterable[tuple[What, str]]:
    """The things that a definition names, wherever it does."""
    yield from _names(msgspec.to_builtins(value), "")


def _names(value: object, field: str) -> Iterable[tuple[What, str]]:
    match value:
        case Mapping():
            for key, inner in value.items():
                yield from _names(inner, str(key))
        case list():
            for inner in value:
                yield from _names(inner, field)
        case str() if value != ANY_KIND:
            what = field.removesuffix("s") if field.endswith("s") else field
            if what in SHAPES:
                yield what, value
        case _:
            pass
