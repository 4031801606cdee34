"""A stage with people on it, for as long as a benchmark plays."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from benchmarks.people import settle_in
from benchmarks.progress import say
from benchmarks.stage import Stage, stage


@asynccontextmanager
async def settled(members: int) -> AsyncIterator[Stage]:
    """Servers of their own, and so many members."""
    with place() as home:
        async with stage(home) as here:
            await settle_in(members)
            say(f"{members:,} members have joined")
            yield here


@contextmanager
def place() -> Iterator[Path]:
    """A folder for the servers, which the account that they run under can reach."""
    with tempfile.TemporaryDirectory(prefix="ambassade-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        yield Path(home) / "data"
