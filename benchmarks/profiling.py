"""`python -m benchmarks profile PART`: where the API's time goes, and which statements it sends."""

import os
import pstats
import signal
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.activities import CLIENTS, SENDERS, Measuring
from benchmarks.byhand import BATCH
from benchmarks.calls import drive, get
from benchmarks.load import Plan
from benchmarks.reads import BOARD, STANDING, reading, tokens
from benchmarks.stage import Served, count_statements, counted_statements

PARTS: Final = ("batches", "singles", "board", "standing")
LINES: Final = 45


async def profiled(run: Measuring, part: str) -> None:
    """Run one part under cProfile, which makes everything slower, but not by the same factor."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "profile"
        with run.stage.profiled(file) as product:
            await drive(_plan(run, product, part))
            await count_statements(on=True)
            os.kill(product.pid, signal.SIGUSR1)
            outcome = await drive(_plan(run, product, part))
            statements = await counted_statements()
            await count_statements(on=False)
        stats = pstats.Stats(str(file))
    for order in ("tottime", "cumulative"):
        stats.sort_stats(order).print_stats(LINES)
    print(f"{outcome.done:,} calls. PostgreSQL, microseconds a call, and calls of each a call:")
    for query, calls, milliseconds in statements:
        each = milliseconds * 1000 / outcome.done
        print(f"{each:10,.1f} {calls / outcome.done:8.2f}  {query[:110]}")


def _plan(run: Measuring, served: Served, part: str) -> Plan:
    match part:
        case "batches":
            requests = run.batches(max(2, int(run.seconds * 5)))
            return run.plan(served, requests, clients=SENDERS, activities=BATCH)
        case "singles":
            requests = run.singles(int(run.seconds * 2_000))
            return run.plan(served, requests, clients=CLIENTS)
        case _:
            path = BOARD if part == "board" else STANDING
            requests = [get(path, token) for token in tokens(run.members)]
            return reading(served, requests, run.seconds)
