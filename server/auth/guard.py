"""Closed by default: a route without a word is for active members."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from ground.callers import Caller, CallerKind
from ground.errors import AmbassadeError, NotAllowed
from ground.roles import Role
from server.errors import SignInNeeded

# At most one of these stands in a route's `opt`.
POLICIES = {"public", "candidate", "role", "scope"}


class NotAdmitted(NotAllowed):
    """Known, and not somebody whom the route is for."""

    code = "not_admitted"
    title = "This isn't for callers of your kind"


class MembershipNeeded(NotAdmitted):
    """A verified person who isn't a member, on a route for members."""

    code = "membership_needed"
    title = "Join the community first"


class RoleNeeded(NotAdmitted):
    """A member without the role."""

    code = "role_needed"
    title = "This needs a role that you don't have"


class ScopeNeeded(NotAdmitted):
    """A key without the scope, or a person where a key is needed."""

    code = "scope_needed"
    title = "This needs an integration key with the right scope"


def admit(connection: ASGIConnection[Any, Caller, Any, Any], handler: BaseRouteHandler) -> None:
    """Litestar's guard for every route."""
    if connection.scope.get("method") == "OPTIONS":
        return
    refusal = refusal_for(connection.scope["user"], handler.opt)
    if refusal is not None:
        raise refusal


def refusal_for(caller: Caller, opt: dict[str, Any]) -> AmbassadeError | None:
    """Why a caller may not use a route with this `opt`, or nothing."""
    if opt.get("public"):
        return None
    if caller.kind is CallerKind.ANONYMOUS:
        return SignInNeeded()
    if "scope" in opt:
        return None if opt["scope"] in caller.scopes else ScopeNeeded()
    if caller.kind is CallerKind.SYSTEM:
        return NotAdmitted()
    return None if opt.get("candidate") else _refusal_for_person(caller, opt)


def _refusal_for_person(caller: Caller, opt: dict[str, Any]) -> AmbassadeError | None:
    if caller.kind is not CallerKind.MEMBER:
        return MembershipNeeded()
    role: Role = opt.get("role", Role.AMBASSADOR)
    return None if caller.role.reaches(role) else RoleNeeded()
