"""Gather what comes in at the same time, and do it together.

There is no timer: what comes while the last of it is being done is done next, all at once. Who
comes alone is served at once, and the more come, the more go together.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Generic, NamedTuple, TypeVar

import asyncpg

from ground.errors import AmbassadeError

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class TooMuchAtOnce(AmbassadeError):
    """More waits than is let in: what comes next has to come again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "too_much_at_once"
    title = "Too much is waiting already"


class _Call(NamedTuple, Generic[Item, Answer]):
    items: Sequence[Item]
    answers: "asyncio.Future[Sequence[Answer]]"


class Gatherer(Generic[Item, Answer]):
    """Does `work` for many calls at a time: `at_once` items, and `waiting` more in a queue.

    A failure of the whole is followed by each call on its own, so that one that can't be done
    fails alone. A call that was given up meanwhile is left out; one that is under way is done.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]],
        *,
        at_once: int,
        waiting: int,
    ) -> None:
        self._work = work
        self._at_once = at_once
        self._most_waiting = waiting
        self._queue: deque[_Call[Item, Answer]] = deque()
        self._waiting = 0
        self._runner: asyncio.Task[None] | None = None

    async def do(self, items: Sequence[Item]) -> Sequence[Answer]:
        """The answers to these items, which stay together."""
        if self._waiting + len(items) > self._most_waiting:
            raise TooMuchAtOnce(retry_after=1)
        loop = asyncio.get_running_loop()
        # Without its types, which would be worked out again for each call.
        call: _Call[Item, Answer] = _Call(items, loop.create_future())
        self._queue.append(call)
        self._waiting += len(items)
        if self._runner is None or self._runner.get_loop() is not loop:
            # In a context of its own: it belongs to no request, and to no transaction.
            self._runner = loop.create_task(self._run(), context=contextvars.Context())
        return await call.answers

    async def _run(self) -> None:
        try:
            while self._queue:
                await self._serve(self._next())
        finally:
            self._runner = None
            while self._queue:
                self._waiting -= len(self._queue[0].items)
                self._queue.popleft().answers.cancel()

    def _next(self) -> list[_Call[Item, Answer]]:
        """The calls that are served together: at least one."""
        calls: list[_Call[Item, Answer]] = []
        room = self._at_once
        while self._queue and (not calls or len(self._queue[0].items) <= room):
            call = self._queue.popleft()
            self._waiting -= len(call.items)
            if not call.answers.done():
                calls.append(call)
                room -= len(call.items)
        return calls

    async def _serve(self, calls: Sequence[_Call[Item, Answer]]) -> None:
        """Answer these calls, or let each of them fail."""
        if not calls:
            return
        try:
            answers = await self._work([item for call in calls for item in call.items])
        except Exception as failure:
            if len(calls) > 1 and is_about_an_item(failure):
                for call in calls:
                    await self._serve([call])
            else:
                _refuse(calls, failure)
        except BaseException:
            for call in calls:
                call.answers.cancel()
            raise
        else:
            _hand_out(calls, answers)


def _refuse(calls: Sequence[_Call[Item, Answer]], failure: Exception) -> None:
    for call in calls:
        if not call.answers.done():
            call.answers.set_exception(failure)


def _hand_out(calls: Sequence[_Call[Item, Answer]], answers: Sequence[Answer]) -> None:
    start = 0
    for call in calls:
        mine = answers[start : start + len(call.items)]
        start += len(call.items)
        if not call.answers.done():
            call.answers.set_result(mine)


def is_about_an_item(failure: Exception) -> bool:
    """Whether others could be done without the one that failed: PostgreSQL itself is well."""
    if isinstance(failure, OSError | TimeoutError | asyncpg.InterfaceError):
        return False
    if isinstance(failure, asyncpg.PostgresError):
        return isinstance(failure, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError)
    return True
