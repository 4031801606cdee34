"""Ends tasks that would go on for ever, and keeps others going."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

log = structlog.get_logger(__name__)

AGAIN_SECONDS: Final = 0.5


async def end(*tasks: "asyncio.Task[Any]") -> None:
    """Cancel tasks until they have ended, whatever comes of them.

    Once isn't always enough: on Python 3.11 `asyncio.wait_for`, through which psycopg waits, loses
    a cancellation that comes just as it is done (python/cpython issue 86296).
    """
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=AGAIN_SECONDS)


def is_told_to_end() -> bool:
    """Whether this task was cancelled: a `CancelledError` may be another's, or a connection's."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def for_ever(work: Callable[[], Awaitable[Any]], name: str) -> None:
    """Do it again whenever it ends without having been told to: nobody else would notice."""
    while True:
        try:
            await work()
            log.error("stopped_working", work=name)
        except asyncio.CancelledError:
            if is_told_to_end():
                raise
            log.warning("stopped_working", work=name, reason="CancelledError")
        except Exception:
            log.exception("stopped_working", work=name)
        await asyncio.sleep(AGAIN_SECONDS)
