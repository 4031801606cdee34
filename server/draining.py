"""SIGTERM means: say that no more is wanted, wait for the balancer to see it, then stop."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from server.health import Health


@contextmanager
def draining(health: Health, seconds: float) -> Iterator[None]:
    """Stand before the server's own handler of SIGTERM, for the length of the block."""
    served = signal.getsignal(signal.SIGTERM)
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not callable(served) or not in_main_thread:
        yield
        return
    loop = asyncio.get_running_loop()

    def stop(number: int, frame: FrameType | None) -> None:
        health.drain()
        if seconds > 0:
            loop.call_soon_threadsafe(loop.call_later, seconds, served, number, frame)
        else:
            served(number, frame)

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, served)
