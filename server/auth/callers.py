"""Finds out who calls, and remembers it for at most five seconds."""

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

import msgspec

from community.keys import service as keys
from community.keys.key import KeyFound
from community.members import service as members
from community.members.service import Identified
from community.members.tables import MemberState
from ground.callers import Caller, CallerKind
from ground.roles import Role
from server.asgi import Scope, header
from server.auth.firebase import TokenVerifier
from server.errors import CredentialsInvalid

T = TypeVar("T")
SECONDS = 5.0
MOST = 10_000
LONGEST_KEY = 200


class Remembered(Generic[T]):
    """Answers of the database, for five seconds. That nobody is known is asked again each time."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, tuple[T, float]] = OrderedDict()

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[T | None]]) -> T | None:
        known = self._answers.get(key)
        if known is not None and monotonic() < known[1]:
            return known[0]
        asked_at = monotonic()
        answer = await ask()
        if answer is None:
            self._answers.pop(key, None)
            return None
        self._answers[key] = (answer, asked_at + SECONDS)
        if len(self._answers) > MOST:
            self._answers.popitem(last=False)
        return answer

    def forget(self, key: Hashable) -> None:
        self._answers.pop(key, None)

    def forget_all(self) -> None:
        self._answers.clear()


class Callers:
    """From a request's headers to its caller."""

    def __init__(self, verifier: TokenVerifier) -> None:
        self.verifier = verifier
        self.members: Remembered[Identified] = Remembered()
        self.keys: Remembered[KeyFound] = Remembered()

    async def behind(self, scope: Scope) -> Caller:
        """The caller, anonymous without credentials, and `CredentialsInvalid` with wrong ones."""
        authorization = header(scope, b"authorization")
        api_key = header(scope, b"x-api-key")
        if authorization is not None and api_key is not None:
            raise CredentialsInvalid("Send a token or a key, not both.")
        if api_key is not None:
            return await self._system(api_key)
        if authorization is not None:
            kind, _, token = authorization.partition(" ")
            if kind.lower() != "bearer":
                raise CredentialsInvalid("Send the token as: Bearer <token>.")
            return await self._person(token.strip())
        return Caller()

    def acted(self, caller: Caller) -> None:
        """After a write: what is known of its caller may be out of date, and so may more of it."""
        if caller.role is not Role.AMBASSADOR:
            self.members.forget_all()
            self.keys.forget_all()
        self.members.forget(caller.uid)

    async def _person(self, token: str) -> Caller:
        claims = await self.verifier.verified(token)
        member = await self.members.get(claims.sub, lambda: members.identify(claims.sub))
        caller = Caller(
            kind=CallerKind.CANDIDATE,
            uid=claims.sub,
            email=claims.email,
            email_verified=claims.email_verified,
            name=claims.name,
        )
        if member is None or member.state is not MemberState.ACTIVE:
            return caller
        return msgspec.structs.replace(
            caller, kind=CallerKind.MEMBER, member_id=member.member_id, role=member.role
        )

    async def _system(self, secret: str) -> Caller:
        if not secret.startswith("sk_") or len(secret) > LONGEST_KEY:
            raise CredentialsInvalid
        digest = hashlib.sha256(secret.encode()).digest()
        key = await self.keys.get(digest, lambda: keys.find_key(secret))
        if key is None:
            raise CredentialsInvalid
        return Caller(
            kind=CallerKind.SYSTEM,
            key_id=key.key_id,
            source=key.source,
            scopes=frozenset(key.scopes),
        )
