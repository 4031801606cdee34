"""Lines that say how far it is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from benchmarks import machine

BEGAN: Final = time.perf_counter()
LONG: Final = 5.0


def say(what: str) -> None:
    """A line, with the time since the beginning."""
    print(
        f"[{time.perf_counter() - BEGAN:5.0f} s, load {machine.load_average()}] {what}", flush=True
    )


@contextmanager
def said_if_long(what: str) -> Iterator[None]:
    """A line afterwards, if somebody had to wait for it."""
    began = time.perf_counter()
    yield
    seconds = time.perf_counter() - began
    if seconds > LONG:
        say(f"  {what}: {seconds:.0f} s")
