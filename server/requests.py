"""The request class: JSON bodies are decoded straight into the route's type, strictly."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import State

from ground.callers import Caller
from ground.errors import FieldError, Invalid
from server.errors import Malformed

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_FIELD = re.compile(r"(?:unknown|required) field `(?P<name>.+)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


class ApiRequest(Request[Caller, Any, State]):
    """Litestar would take `"1"` for a number, and answer 400 to what is well-formed and wrong."""

    async def json(self) -> Any:  # noqa: ANN401
        """The body as the route's type."""
        body = await self.body()
        wanted = self.route_handler.parsed_fn_signature.parameters["data"].annotation
        if wanted not in _decoders:
            _decoders[wanted] = msgspec.json.Decoder(wanted)
        return decoded(body, _decoders[wanted])


def decoded(body: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:  # noqa: ANN401
    """The value in a body: 400 if it isn't JSON, 422 if it isn't what is wanted."""
    try:
        value = decoder.decode(body)
    except msgspec.ValidationError as failure:
        _require_json(body)
        raise Invalid(errors=(field_error(str(failure)),)) from failure
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as failure:
        raise Malformed("The body isn't JSON.") from failure
    if rb"\u0000" in body:
        _refuse_nul(body)
    return value


def _require_json(body: bytes) -> None:
    """A wrong value may stand before what makes the body no JSON at all."""
    try:
        msgspec.json.decode(body)
    except msgspec.ValidationError:
        return
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as failure:
        raise Malformed("The body isn't JSON.") from failure


def field_error(message: str) -> FieldError:
    """msgspec's message as a JSON pointer and what is wrong there."""
    found = _PLACE.match(message)
    what, path = (found["what"], found["path"] or "") if found else (message, "")
    steps = [name or index for name, index in _STEP.findall(path)]
    field = _FIELD.search(what)
    if field is not None:
        steps.append(field["name"])
    return FieldError("".join(f"/{_escaped(step)}" for step in steps), f"{what}.")


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _refuse_nul(body: bytes) -> None:
    pointers = list(_with_nul(msgspec.json.decode(body), ""))
    if pointers:
        raise Invalid(errors=tuple(FieldError(p, "A text can't contain NUL.") for p in pointers))


def _with_nul(value: object, pointer: str) -> Iterator[str]:
    match value:
        case str() if "\0" in value:
            yield pointer
        case dict():
            yield from (pointer for key in value if "\0" in key)
            for key, inner in value.items():
                yield from _with_nul(inner, f"{pointer}/{_escaped(key)}")
        case list():
            for index, inner in enumerate(value):
                yield from _with_nul(inner, f"{pointer}/{index}")
