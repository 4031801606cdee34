"""Closed by default: a route without a word is for active members."""

from typing import Any

from ground.callers import Caller, CallerKind
from ground.errors import AmbassadeError, NotAllowed
from ground.roles import Role
from server import problems
from server.asgi import App, Receive, Scope, Send, opt
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


class Guard:
    """Lets a request through to its route, or answers 401 or 403.

    A middleware instead of Litestar's guard: that one comes after the body was read.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = None if scope["method"] == "OPTIONS" else refusal_for(scope["user"], opt(scope))
        if refusal is not None:
            await problems.answer(refusal, scope, send)
        else:
            await self.app(scope, receive, send)


def refusal_for(caller: Caller, declared: dict[str, Any]) -> AmbassadeError | None:
    """Why a caller may not use a route with this `opt`, or nothing."""
    if declared.get("public"):
        return None
    if caller.kind is CallerKind.ANONYMOUS:
        return SignInNeeded()
    if "scope" in declared:
        return None if declared["scope"] in caller.scopes else ScopeNeeded()
    if caller.kind is CallerKind.SYSTEM:
        return NotAdmitted()
    return None if declared.get("candidate") else _refusal_for_person(caller, declared)


def _refusal_for_person(caller: Caller, declared: dict[str, Any]) -> AmbassadeError | None:
    if caller.kind is not CallerKind.MEMBER:
        return MembershipNeeded()
    role: Role = declared.get("role", Role.AMBASSADOR)
    return None if caller.role.reaches(role) else RoleNeeded()
