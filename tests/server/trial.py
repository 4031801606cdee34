"""Routes that do what no real one does: fail in every way, write and then refuse, wait."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any, Literal

import asyncpg
import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from ground import audit
from ground.callers import Caller
from ground.engine import fetchval
from ground.errors import Conflict, FieldError, Invalid, NotFound
from ground.roles import Role
from ground.unit_of_work import unit_of_work

CANARY = "canary-7f3e"
Ending = Literal["done", "refused", "wrong", "crash", "crash_once", "entangled_once", "doomed"]


class Act(msgspec.Struct, forbid_unknown_fields=True):
    """What to do."""

    name: Annotated[str, msgspec.Meta(max_length=40, examples=["Camille"])]
    then: Ending = "done"
    times: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    inner: list["Act"] = []


class Done(msgspec.Struct):
    """What was done."""

    count: int


FAILURES: dict[str, Any] = {
    "key_error": lambda: KeyError(CANARY),
    "sql": lambda: asyncpg.UniqueViolationError(f"duplicate key {CANARY} in SELECT * FROM member"),
    "syntax": lambda: asyncpg.PostgresSyntaxError(f"SELECT {CANARY}"),
    "timeout": lambda: TimeoutError(CANARY),
    "refused": lambda: ConnectionRefusedError(CANARY),
    "no_host": lambda: OSError(f"Multiple exceptions: {CANARY}"),
    "lost": lambda: asyncpg.ConnectionDoesNotExistError(CANARY),
    "closing": lambda: asyncpg.InterfaceError(f"pool is closing {CANARY}"),
    "cancelled_statement": lambda: asyncpg.QueryCanceledError(CANARY),
    "locked": lambda: asyncpg.LockNotAvailableError(CANARY),
    "serialisation": lambda: asyncpg.SerializationError(CANARY),
    "deadlock": lambda: asyncpg.DeadlockDetectedError(CANARY),
    "number_too_large": lambda: asyncpg.DataError(f"value out of int32 range {CANARY}"),
    "recursion": lambda: RecursionError(CANARY),
    "missing_file": lambda: FileNotFoundError(f"/etc/{CANARY}"),
}


class TrialController(Controller):
    path = "/v1/trials"
    tags = ("trials",)
    failed_once = False
    let_go: asyncio.Event | None = None

    @post(opt={"candidate": True})
    async def act(self, caller: NamedDependency[Caller], data: JSONBody[Act]) -> Done:
        """Write, then do what is asked."""
        if TrialController.let_go is not None:
            await TrialController.let_go.wait()
        async with unit_of_work():
            for _ in range(data.times):
                await audit.record(caller, "trial.acted", subject=data.name)
            self._end(data.then)
            if data.then == "doomed":
                await self._fail_inside()
            count = await fetchval("SELECT count(*) FROM audit_entry")
        return Done(count)

    def _end(self, then: str) -> None:
        first, TrialController.failed_once = not TrialController.failed_once, True
        if then == "refused":
            raise Conflict("It is taken.")
        if then == "wrong":
            raise Invalid(errors=(FieldError("/name", "is not one"),))
        if then == "crash" or (then == "crash_once" and first):
            raise KeyError(CANARY)
        if then == "entangled_once" and first:
            raise asyncpg.DeadlockDetectedError(CANARY)

    async def _fail_inside(self) -> None:
        with suppress(NotFound):
            async with unit_of_work():
                raise NotFound

    @post("/large", opt={"public": True, "body_limit": 1024 * 1024})
    async def large(self, data: JSONBody[dict[str, str]]) -> Done:
        """Take a large body."""
        return Done(sum(len(value) for value in data.values()))

    @get("/failures/{kind:str}", opt={"public": True})
    async def fail(self, kind: FromPath[str]) -> Done:
        """Fail."""
        raise FAILURES[kind]()

    @get("/numbers/{number:int}", opt={"public": True})
    async def number(
        self, number: FromPath[int], limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20
    ) -> Done:
        """Ask PostgreSQL for a number."""
        return Done(await fetchval("SELECT $1::int + $2::int", number, limit))

    @get("/texts/{text:str}", opt={"public": True})
    async def text(self, text: FromPath[str], more: Annotated[str, QueryParameter()] = "") -> Done:
        """Ask PostgreSQL for a text."""
        return Done(await fetchval("SELECT length($1) + length($2)", text, more))

    @get("/wanted", opt={"public": True})
    async def wanted(self, what: Annotated[str, QueryParameter()]) -> Done:
        """Answer who says what they want."""
        return Done(len(what))

    @get("/sleep", opt={"public": True})
    async def sleep(self) -> Done:
        """Let PostgreSQL sleep."""
        await fetchval("SELECT pg_sleep(0.2)")
        return Done(0)

    @get("/moderators", opt={"role": Role.MODERATOR})
    async def moderators(self) -> Done:
        """Be for moderators."""
        return Done(1)

    @get("/managers", opt={"role": Role.MANAGER})
    async def managers(self) -> Done:
        """Be for managers."""
        return Done(1)

    @get("/members")
    async def members(self, caller: NamedDependency[Caller]) -> Done:
        """Be for members."""
        return Done(1 if caller.member else 0)

    @get("/systems", opt={"scope": "trials:read"})
    async def systems(self) -> Done:
        """Be for systems."""
        return Done(1)
