"""Which errors an operation can answer: its own, and those of its method and policy."""

from typing import Any

from litestar.handlers import HTTPRouteHandler

from ground.errors import AmbassadeError, Invalid, NotFound
from ground.idempotency import IdempotencyKeyBusy, IdempotencyKeyReused
from server import errors
from server.auth import guard


def common_errors(
    handler: HTTPRouteHandler, method: str, *, takes_input: bool
) -> list[type[AmbassadeError]]:
    """What the layers around a route can answer."""
    return [
        *_of_callers(handler.opt),
        *_of_bodies(handler),
        *([Invalid] if takes_input else []),
        *(_of_posts() if method == "POST" else []),
        *([errors.TooManyRequests] if handler.opt.get("limit", "") is not None else []),
        errors.Unexpected,
        errors.Unavailable,
    ]


def _of_callers(opt: dict[str, Any]) -> list[type[AmbassadeError]]:
    if opt.get("credentials") == "ignored":
        return []
    if opt.get("public"):
        return [errors.CredentialsInvalid]
    known: list[type[AmbassadeError]] = [errors.SignInNeeded, errors.CredentialsInvalid]
    if "scope" in opt:
        return [*known, guard.ScopeNeeded]
    if opt.get("candidate"):
        return [*known, guard.NotAdmitted]
    member = [*known, guard.NotAdmitted, guard.MembershipNeeded]
    return [*member, guard.RoleNeeded] if "role" in opt else member


def _of_bodies(handler: HTTPRouteHandler) -> list[type[AmbassadeError]]:
    if "data" not in handler.parsed_fn_signature.parameters and "takes" not in handler.opt:
        return []
    return [
        errors.Malformed,
        errors.BodyTooSlow,
        errors.BodyTooLarge,
        errors.MediaTypeUnsupported,
        Invalid,
    ]


def _of_posts() -> list[type[AmbassadeError]]:
    return [errors.IdempotencyKeyInvalid, IdempotencyKeyBusy, IdempotencyKeyReused]


def all_errors() -> list[type[AmbassadeError]]:
    """Every error there is, by status and code."""
    found: dict[str, type[AmbassadeError]] = {NotFound.code: NotFound}
    waiting: list[type[AmbassadeError]] = AmbassadeError.__subclasses__()
    while waiting:
        error = waiting.pop()
        found[error.code] = error
        waiting += error.__subclasses__()
    return sorted(found.values(), key=lambda error: (error.status, error.code))
