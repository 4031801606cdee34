"""One transaction a service call, without the leaks of Piccolo's own."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar, cast

import asyncpg
import structlog
from piccolo.engine.postgres import PostgresTransaction

from ground.engine import DB, borrowed
from ground.pulse import PostgresAway

log = structlog.get_logger(__name__)
T = TypeVar("T")
RELEASE_SECONDS = 5.0
TRIES = 5
# A connection that died may be back in the pool by itself, which asyncpg calls an internal error.
NOT_RETURNED = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)


class Doomed(RuntimeError):
    """A part of this unit of work failed, so the whole can't be committed."""


class AnotherTask(RuntimeError):
    """A task started inside a unit of work tried to use its connection."""


class UnitOfWork(PostgresTransaction):
    """A transaction that gives its connection back whatever happens at COMMIT.

    Piccolo 1.38's own leaks the connection when COMMIT fails or is cancelled, and later
    "transactions" then run without one.
    """

    __slots__ = (
        "_after_commit",
        "_gathered",
        "_gathered_last",
        "connection",
        "context",
        "doomed_by",
        "isolation",
        "pool",
        "task",
    )

    def __init__(self, isolation: str | None = None) -> None:
        super().__init__(DB, allow_nested=False)
        self.isolation = isolation
        self.doomed_by: BaseException | None = None
        self.task = asyncio.current_task()
        self._after_commit: list[Callable[[], Awaitable[None]]] = []
        self._gathered: dict[Callable[[Any], Awaitable[None]], list[Any]] = {}
        self._gathered_last: dict[Callable[[Any], Awaitable[None]], list[Any]] = {}

    async def __aenter__(self) -> "UnitOfWork":
        borrowing = borrowed()
        self.pool, self.connection = borrowing.pool, await borrowing
        try:
            self.transaction = self.connection.transaction(isolation=self.isolation)
            await self.transaction.start()
        except asyncpg.InternalClientError as failure:
            # PostgreSQL took its leave on this connection, and hasn't hung up yet.
            await self._give_back(broken=True)
            raise PostgresAway from failure
        except BaseException:
            await self._give_back(broken=True)
            raise
        self.context = DB.current_transaction.set(self)
        return self

    async def __aexit__(self, exception_type: Any, exception: Any, traceback: Any) -> bool:
        DB.current_transaction.reset(self.context)
        broken = True
        try:
            if exception is None and self.doomed_by is None:
                await self.transaction.commit()
                broken = False
            else:
                broken = not await self._roll_back()
        except BaseException as failure:
            # A refusal by the server at COMMIT leaves a clean connection; anything else doesn't.
            broken = not isinstance(failure, asyncpg.PostgresError)
            raise
        finally:
            await self._give_back(broken=broken)
        return False

    async def _roll_back(self) -> bool:
        """Return whether it was heard: PostgreSQL rolls back by itself what it loses sight of."""
        try:
            await self.transaction.rollback()
        except NOT_RETURNED as failure:
            # What made it necessary is what the caller has to hear.
            log.warning("rollback_not_heard", reason=type(failure).__name__)
            return False
        return True

    async def _give_back(self, *, broken: bool) -> None:
        """Whatever goes wrong here has no say in how the transaction ended."""
        if broken:
            self._hang_up()
        try:
            release = self.pool.release(self.connection, timeout=RELEASE_SECONDS)
            await asyncio.shield(release)
        except NOT_RETURNED as failure:
            log.warning("connection_not_returned", reason=type(failure).__name__)
            self._hang_up()

    def _hang_up(self) -> None:
        # When PostgreSQL went away, it was cut off and is back in the pool already.
        with suppress(asyncpg.InterfaceError):
            # Never close(): it can wait for ever on a frozen server (asyncpg issue 1356).
            self.connection.terminate()

    def joined_by_this_task(self) -> "UnitOfWork":
        """This unit of work, unless another task asks."""
        if asyncio.current_task() is not self.task:
            raise AnotherTask
        return self

    def after_commit(self, effect: Callable[[], Awaitable[None]]) -> None:
        self._after_commit.append(effect)

    def gathered(
        self, flush: Callable[[list[T]], Awaitable[None]], *, last: bool = False
    ) -> list[T]:
        return (self._gathered_last if last else self._gathered).setdefault(flush, [])

    async def flush(self) -> None:
        """Let what was gathered be written. What that gathers in turn is written too."""
        while waiting := self._gathered or self._gathered_last:
            write = next(iter(waiting))
            await write(waiting.pop(write))

    def start_again(self) -> None:
        """Forget a failure, and what waited for COMMIT, after rolling back to a savepoint."""
        self.doomed_by = None
        self._after_commit.clear()
        self._gathered.clear()
        self._gathered_last.clear()

    async def run_effects(self) -> None:
        """Run what waited for COMMIT. A failure is logged: the facts are safe already."""
        for effect in self._after_commit:
            try:
                await effect()
            except Exception:
                log.exception("after_commit_failed")


def _current() -> UnitOfWork | None:
    # Nothing else ever opens a transaction: a house rule sees to it.
    return cast("UnitOfWork | None", DB.current_transaction.get())


@asynccontextmanager
async def unit_of_work(*, isolation: str | None = None) -> AsyncIterator[UnitOfWork]:
    """Run the block in one transaction, joining one that is already open.

    A failure inside a joined block dooms the whole, even if somebody catches it.
    """
    outer = _current()
    if outer is not None:
        work = outer.joined_by_this_task()
        try:
            yield work
        except BaseException as failure:
            work.doomed_by = failure
            raise
        return
    work = UnitOfWork(isolation)
    async with work:
        yield work
        if work.doomed_by is None:
            await work.flush()
    if work.doomed_by is not None:
        raise Doomed from work.doomed_by
    await work.run_effects()


def after_commit(effect: Callable[[], Awaitable[None]]) -> None:
    """Run `effect` once the current unit of work is committed, at best once."""
    current = _current()
    if current is None:
        raise RuntimeError("after_commit() needs a unit of work")
    current.after_commit(effect)


def before_commit(flush: Callable[[list[T]], Awaitable[None]], *, last: bool = False) -> list[T]:
    """The list that `flush` is given just before the current unit of work commits.

    It is called once, with all that was added; those who come `last` after all others, and what
    they lock is held for the shortest time. If it fails, so does the unit of work.
    """
    current = _current()
    if current is None:
        raise RuntimeError("before_commit() needs a unit of work")
    return current.gathered(flush, last=last)


def in_transaction() -> bool:
    """Whether a unit of work is open here."""
    return _current() is not None


async def retried(work: Callable[[], Awaitable[T]]) -> T:
    """Run `work` in a unit of work, again if PostgreSQL broke a deadlock or a serialisation.

    Inside an outer unit of work it runs once: only the owner can start again.
    """
    if in_transaction():
        return await work()
    for attempt in range(1, TRIES + 1):
        try:
            async with unit_of_work():
                return await work()
        except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
            if attempt == TRIES:
                raise
            await asyncio.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311
    raise AssertionError("unreachable")
