"""Ends tasks that would go on for ever."""

import asyncio
from typing import Any, Final

AGAIN_SECONDS: Final = 1.0


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
