"""Whether PostgreSQL answers: asked again and again, so that nobody waits for one that doesn't.

A server that is frozen, or behind a wire that was cut, refuses nothing: every statement would
wait its whole time limit for it. A small question on a connection of its own tells it from a
server that is at work on a long statement.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import structlog

log = structlog.get_logger(__name__)

EVERY_SECONDS = 0.4
PATIENCE_SECONDS = 1.5
# For commands and the worker, which rather wait.
LONG_PATIENCE_SECONDS = 30.0
# Patience is counted in slices: when this process itself is busy for long, one of them is lost.
SLICES = 10

# Whatever else PostgreSQL says, such as that it has too many connections, is an answer.
NO_ANSWER = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)


class PostgresAway(ConnectionError):
    """PostgreSQL doesn't answer, or didn't a moment ago."""


class Pulse:
    """Asks on and on, and cuts off whatever waits for a PostgreSQL that doesn't answer."""

    def __init__(
        self,
        connection: "asyncpg.Connection[Any]",
        connect: Callable[[], Awaitable["asyncpg.Connection[Any]"]],
        cut_off: Callable[[], None],
        patience: float,
    ) -> None:
        self.is_away = False
        # Answers to anybody's statements: who hears those needn't hear this question's.
        self.heard = 0
        self._connect = connect
        self._cut_off = cut_off
        self._patience = patience
        self._connection: asyncpg.Connection[Any] | None = connection
        # In a context of its own: it must inherit no transaction.
        self._beating = asyncio.get_running_loop().create_task(
            self._beat(), name="pulse", context=contextvars.Context()
        )

    async def stop(self) -> None:
        """Ask no more."""
        self._beating.cancel()
        await asyncio.wait({self._beating})

    async def _beat(self) -> None:
        try:
            while True:
                try:
                    self._note(answers=await self._answers())
                except Exception:
                    # Nobody else would notice if this ended.
                    log.exception("pulse_failed")
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            self._hang_up()

    def _note(self, *, answers: bool) -> None:
        if answers == self.is_away:
            log.warning("postgresql_back" if answers else "postgresql_away")
        self.is_away = not answers
        if not answers:
            self._hang_up()
            self._cut_off()

    async def _answers(self) -> bool:
        asking = asyncio.create_task(self._ask())
        try:
            silent = 0
            while silent < SLICES:
                before = self.heard
                done, _ = await asyncio.wait({asking}, timeout=self._patience / SLICES)
                if done:
                    return asking.result()
                silent = silent + 1 if self.heard == before else 0
            return False
        finally:
            # The wire first: for a statement that is cancelled, asyncpg would ask the server.
            self._hang_up(only_if=not asking.done())
            asking.cancel()
            await asyncio.wait({asking})

    async def _ask(self) -> bool:
        if self._connection is not None and await _hears(self._connection):
            return True
        # It may have lost this one connection only.
        self._hang_up()
        try:
            self._connection = await self._connect()
        except NO_ANSWER:
            return False
        except asyncpg.PostgresError:
            return True
        return await _hears(self._connection)

    def _hang_up(self, *, only_if: bool = True) -> None:
        if only_if and self._connection is not None:
            # Never close(): it can wait for ever on a frozen server (asyncpg issue 1356).
            self._connection.terminate()
            self._connection = None


async def _hears(connection: "asyncpg.Connection[Any]") -> bool:
    try:
        await connection.execute("SELECT")
    except NO_ANSWER:
        return False
    except asyncpg.PostgresError:
        return True
    return True
