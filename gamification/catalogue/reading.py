"""Reading a catalogue as somebody wrote it: every mistake with its place and its reason. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from gamification.catalogue.definitions import SHAPES, CatalogueFile, What
from gamification.catalogue.errors import CatalogueInvalid
from ground.errors import FieldError

LONGEST: Final = 1024 * 1024
DEEPEST: Final = 24

_SLUG_RULE: Final = (
    "Not a slug: small letters, digits, and . _ : - between them, beginning with a letter or digit"
)
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_NAMED_FIELD: Final = re.compile(r"Object (?:contains unknown|missing required) field `([^`]+)`")


def read_toml(written: bytes) -> CatalogueFile:
    """The catalogue of a TOML file."""
    if len(written) > LONGEST:
        raise CatalogueInvalid("A catalogue is at most 1 MiB long.")
    try:
        data = tomllib.loads(written.decode())
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        raise CatalogueInvalid(f"Not UTF-8 at line {line}.") from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogueInvalid(f"Not TOML: {error}.") from error
    except RecursionError as error:
        raise CatalogueInvalid("Nested too deeply.") from error
    return read_catalogue(data)


def read_catalogue(data: Mapping[str, Any]) -> CatalogueFile:
    """The catalogue of plain values. Raises `CatalogueInvalid` with all that is wrong."""
    faults = [*_unstorable(data)]
    tables: dict[str, list[Any]] = {}
    for name, rows in [] if faults else data.items():
        if name not in SHAPES:
            faults.append(FieldError(f"/{_step(name)}", f"Not one of {', '.join(SHAPES)}"))
        elif not isinstance(rows, list):
            faults.append(FieldError(f"/{name}", f"Not a list: write [[{name}]]"))
        else:
            tables[name] = [*_rows(name, rows, faults)]
    if not faults:
        try:
            return msgspec.convert(tables, CatalogueFile)
        except msgspec.ValidationError as error:
            faults.append(_fault("", error))
    raise CatalogueInvalid.with_faults(faults)


def _rows(what: What, rows: list[Any], faults: list[FieldError]) -> Iterator[Any]:
    for number, row in enumerate(rows):
        try:
            yield msgspec.convert(row, SHAPES[what])
        except msgspec.ValidationError as error:
            faults.append(_fault(f"/{what}/{number}", error))


def _fault(place: str, error: msgspec.ValidationError) -> FieldError:
    """What msgspec says, with its path as a pointer."""
    detail, _, path = str(error).partition(" - at `")
    if detail.startswith("Expected `str` matching regex '^[a-z0-9]") or "(\\\\*|" in detail:
        detail = _SLUG_RULE
    place += "".join(f"/{name or number}" for name, number in _STEP.findall(path.rstrip("`")))
    named = _NAMED_FIELD.match(detail)
    if named is not None:
        place += f"/{_step(named[1])}"
    return FieldError(place or "/", detail)


def _unstorable(data: object) -> Iterator[FieldError]:
    """What no database could hold: depth without end, and texts with a NUL in them."""
    open_: list[tuple[str, object]] = [("", data)]
    while open_:
        place, value = open_.pop()
        if place.count("/") > DEEPEST:
            yield FieldError(place, "Nested too deeply")
        elif isinstance(value, Mapping):
            open_ += [(f"{place}/{_step(str(key))}", inner) for key, inner in value.items()]
            open_ += [(f"{place}/{_step(str(key))}", key) for key in value]
        elif isinstance(value, list):
            open_ += [(f"{place}/{number}", inner) for number, inner in enumerate(value)]
        elif isinstance(value, str) and "\0" in value:
            yield FieldError(place, "Holds a NUL character")


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
