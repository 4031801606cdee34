"""How far long work has come: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

SECONDS_BETWEEN_LINES: Final = 5.0

# What is being done, how much of it, of how much.
Told = Callable[[str, int, int], None]


@contextmanager
def shown_progress() -> Iterator[Told]:
    """Show progress on the standard error, whatever that is."""
    if not sys.stderr.isatty():
        yield _Lines().tell
        return
    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), Elapsed())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        yield _Bars(bars).tell


class _Bars:
    def __init__(self, bars: Progress) -> None:
        self.bars = bars
        self.tasks: dict[str, TaskID] = {}

    def tell(self, what: str, done: int, total: int) -> None:
        if what not in self.tasks:
            self.tasks[what] = self.bars.add_task(what, total=total)
        self.bars.update(self.tasks[what], completed=done, total=total)


class _Lines:
    def __init__(self) -> None:
        self.last = time.monotonic()

    def tell(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if done >= total or now - self.last >= SECONDS_BETWEEN_LINES:
            self.last = now
            click.echo(f"{what}: {done} of {total}", err=True)
