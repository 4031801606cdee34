"""Who calls: what authentication found out about a request's sender."""

from enum import StrEnum
from uuid import UUID

import msgspec

from ground.roles import Role


class CallerKind(StrEnum):
    """How the caller is known."""

    ANONYMOUS = "anonymous"
    CANDIDATE = "candidate"
    MEMBER = "member"
    SYSTEM = "system"
    # Whoever runs commands on the server itself; never comes over HTTP.
    OPERATOR = "operator"


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The sender of a request.

    A candidate has a verified token and is no member (yet, or any more). A system
    has an integration key; its `source` names it in the ledger.
    """

    kind: CallerKind = CallerKind.ANONYMOUS
    member_id: UUID | None = None
    role: Role = Role.AMBASSADOR
    uid: str | None = None
    email: str | None = None
    email_verified: bool = False
    name: str | None = None
    key_id: UUID | None = None
    source: str | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def member(self) -> UUID:
        """The member, on a route that is only for members."""
        if self.member_id is None:
            raise LookupError("only a member's route may ask for the member")
        return self.member_id

    @property
    def credential(self) -> str | None:
        """What the caller showed. It stays the same when a candidate becomes a member."""
        if self.uid is not None:
            return f"uid:{self.uid}"
        return None if self.key_id is None else f"key:{self.key_id}"

    @property
    def actor(self) -> str:
        """A stable name for the audit trail. Holds no secret."""
        match self.kind:
            case CallerKind.MEMBER:
                return f"member:{self.member_id}"
            case CallerKind.CANDIDATE:
                return f"uid:{self.uid}"
            case CallerKind.SYSTEM:
                return f"system:{self.key_id}"
            case CallerKind.OPERATOR:
                return f"operator:{self.name}"
            case CallerKind.ANONYMOUS:
                return "anonymous"
