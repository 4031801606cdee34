"""One operation of the document: what a handler's signature, docstring and `opt` say."""

import inspect
import re
from http import HTTPStatus
from typing import Any, get_args, get_origin

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg
from litestar.response import Stream
from litestar.typing import FieldDefinition

from ground.http import PROBLEM, problem_responses
from server.openapi.examples import Composer
from server.openapi.refusals import common_errors
from server.openapi.schemas import Schema

JSON = "application/json"
CONSTRAINTS = {
    "ge": "minimum",
    "le": "maximum",
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
}
IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Send the same key with a repeated request: it has one effect and one answer, "
    "which is kept for seven days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "example": "0d5a0b1c-9f0e-4a36-8e0f-64a0f2f3a9c4",
}


class Operation:
    """A handler as one operation."""

    def __init__(self, path: str, method: str, handler: HTTPRouteHandler) -> None:
        self.path = path
        self.method = method
        self.handler = handler
        self.signature = handler.parsed_fn_signature

    @property
    def name(self) -> str:
        """Unique and speaking, for generated clients: `member_join`."""
        verb = self.handler.fn.__name__
        owner = type(getattr(self.handler.fn, "__self__", None)).__name__
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", owner.removesuffix("Controller"))
        return f"{words.lower()}_{verb}"

    @property
    def body_type(self) -> object:
        field = self.signature.parameters.get("data")
        return None if field is None else field.annotation

    @property
    def answer_type(self) -> object:
        """What is answered on success: inside `Response[...]` too."""
        annotation = self.signature.return_type.annotation
        if get_origin(annotation) is Response:
            return get_args(annotation)[0]
        # What a stream holds is declared among `responses`.
        return None if annotation is Stream else annotation

    def types(self) -> list[object]:
        """All types that need a schema."""
        others = [spec.data_container for spec in self._other_answers().values()]
        known = (self.body_type, self.answer_type, *self._parameter_types(), *others)
        return [t for t in known if t]

    def documented(self, schemas: dict[object, Schema], composer: Composer) -> Schema:
        """The operation object."""
        description = inspect.cleandoc(self.handler.fn.__doc__ or "")
        parameters = [
            self._parameter(name, field, schemas, composer) for name, field in self._parameters()
        ]
        if self.method == "POST":
            parameters.append(IDEMPOTENCY_KEY)
        documented: Schema = {
            "operationId": self.name,
            "summary": description.partition("\n")[0].rstrip("."),
            "description": description,
            "tags": sorted(self.handler.resolve_tags() or []),
            "security": _security(self.handler.opt),
            "x-for": audience(self.handler.opt),
            "parameters": parameters,
            "responses": self._responses(schemas, composer),
        }
        if self.body_type is not None:
            content = _content(schemas[self.body_type], composer)
            documented["requestBody"] = {"required": True, "content": {JSON: content}}
        elif "takes" in self.handler.opt:
            most = self.handler.opt["body_limit"]
            schema = {"type": "string", "maxLength": most}
            text = {"schema": schema, "example": self.handler.opt["example"]}
            content = {self.handler.opt["takes"]: text}
            documented["requestBody"] = {"required": True, "content": content}
        return documented

    def _parameters(self) -> list[tuple[str, FieldDefinition]]:
        """Those of the handler and of what is provided to it."""
        provided = self.handler.resolve_dependencies()
        names = [name for name in self.signature.parameters if name in provided]
        signatures = [self.signature, *(provided[name].parsed_fn_signature for name in names)]
        return [
            (name, field)
            for signature in signatures
            for name, field in signature.parameters.items()
            if isinstance(field.kwarg_definition, ParameterKwarg)
            and type(field.kwarg_definition) is not ParameterKwarg
        ]

    def _parameter_types(self) -> list[object]:
        return [field.annotation for _, field in self._parameters()]

    def _parameter(
        self, name: str, field: FieldDefinition, schemas: dict[object, Schema], composer: Composer
    ) -> Schema:
        said: Any = field.kwarg_definition
        schema = dict(schemas[field.annotation])
        for ours, theirs in CONSTRAINTS.items():
            if getattr(said, ours) is not None:
                schema[theirs] = getattr(said, ours)
        if field.has_default and field.default is not None:
            schema["default"] = field.default
        in_path = f"{{{name}}}" in self.path
        return {
            "name": said.name or name,
            "in": "path" if in_path else str(said.param_type),
            "required": in_path or not field.has_default,
            "description": said.description or f"The {name.replace('_', ' ')}.",
            "schema": schema,
            "example": composer.example(schema),
        }

    def _other_answers(self) -> dict[int, Any]:
        """Successes beside the usual one, such as 200 for what was there already."""
        declared = self.handler.responses or {}
        return {code: spec for code, spec in declared.items() if spec.media_type != PROBLEM}

    def _responses(self, schemas: dict[object, Schema], composer: Composer) -> Schema:
        status = HTTPStatus(self.handler.status_code)
        success: Schema = {"description": status.phrase}
        if self.answer_type not in (None, type(None)):
            content = _content(schemas[self.answer_type], composer)
            success["content"] = {_media_type(self.handler.media_type): content}
        responses: Schema = {str(int(status)): success}
        for code, spec in self._other_answers().items():
            shown = _content(schemas[spec.data_container], composer)
            if spec.examples:
                shown["example"] = spec.examples[0].value
            content = {_media_type(spec.media_type): shown}
            responses[str(int(code))] = {"description": spec.description, "content": content}
        takes_input = bool(self._parameters()) or self.body_type is not None
        common = common_errors(self.handler, self.method, takes_input=takes_input)
        for problems in (self.handler.responses or {}, problem_responses(*dict.fromkeys(common))):
            for code, spec in problems.items():
                if spec.media_type == PROBLEM:
                    _add_problem(responses, str(int(code)), spec)
        return dict(sorted(responses.items()))


def _media_type(said: Any) -> str:  # noqa: ANN401
    """What an answer is, without parameters; JSON where nothing is said."""
    return str(getattr(said, "value", said) or JSON).partition(";")[0]


def _content(schema: Schema, composer: Composer) -> Schema:
    return {"schema": schema, "example": composer.example(schema)}


def _add_problem(responses: Schema, status: str, spec: Any) -> None:  # noqa: ANN401
    response = responses.setdefault(status, {"description": "", "content": {}})
    known = response["content"].setdefault(
        PROBLEM, {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}
    )
    new = [example for example in spec.examples if example.id not in known["examples"]]
    lines = dict(zip((e.id for e in spec.examples), spec.description.split("\n"), strict=True))
    for example in new:
        known["examples"][example.id] = {"summary": example.value["title"], "value": example.value}
        response["description"] = "\n".join(
            filter(None, [response["description"], lines[example.id]])
        )


def audience(opt: dict[str, Any]) -> str:
    """Whom a route is for, in words."""
    if opt.get("public"):
        return "everybody"
    if opt.get("candidate"):
        return "whoever signed in, member or not"
    if "scope" in opt:
        return f"systems whose key has the scope `{opt['scope']}`"
    return f"staff: {opt['role']} and above" if "role" in opt else "members"


def _security(opt: dict[str, Any]) -> list[Schema]:
    if opt.get("public"):
        return [{}]
    if "scope" in opt:
        return [{"key": [opt["scope"]]}]
    return [{"token": []}]
