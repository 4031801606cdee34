"""`make bench`: measure, print a table, and write the same as JSON."""

import argparse
import asyncio
import platform
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.activities import Measured, measure
from benchmarks.stage import stage

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure Ambassade.")
    parser.add_argument("--members", type=int, default=1_000, help="how many take part")
    parser.add_argument("--batches", type=int, default=20, help="calls of 1,000 a run")
    parser.add_argument("--runs", type=int, default=3, help="runs, of which the median counts")
    options = parser.parse_args()
    runs = [asyncio.run(one_run(options.members, options.batches)) for _ in range(options.runs)]
    show(runs)
    keep(runs)


async def one_run(members: int, batches: int) -> Measured:
    """One run on fresh servers."""
    with place() as home:
        async with stage(home) as here:
            return await measure(here, members, batches)


@contextmanager
def place() -> Iterator[Path]:
    """A folder for the servers, which the account that they run under can reach."""
    with tempfile.TemporaryDirectory(prefix="ambassade-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        yield Path(home) / "data"


def show(runs: list[Measured]) -> None:
    """The runs and their median, beside the limit of the same run."""
    print(f"{runs[0].what}, {runs[0].members:,} members, against an {runs[0].limit}")
    print(f"{'run':>8} {'a second':>10} {'limit':>10} {'ratio':>7} {'API us':>8} {'PG us':>8}")
    for number, run in enumerate(runs, 1):
        print(line(str(number), run))
    middle = sorted(runs, key=lambda run: run.ratio)[len(runs) // 2]
    print(line("median", middle))


def line(name: str, run: Measured) -> str:
    """One run in the table."""
    return (
        f"{name:>8} {run.per_second:>10,.0f} {run.limit_per_second:>10,.0f} {run.ratio:>7.0%}"
        f" {run.api_cpu_us:>8.0f} {run.postgres_cpu_us:>8.0f}"
    )


def keep(runs: list[Measured]) -> None:
    """Write the figures as JSON."""
    RESULTS.mkdir(exist_ok=True)
    report = {
        "machine": platform.platform(),
        "python": platform.python_version(),
        "median_ratio": statistics.median(run.ratio for run in runs),
        "runs": [msgspec.to_builtins(run) for run in runs],
    }
    file = RESULTS / "activities.json"
    file.write_bytes(msgspec.json.format(msgspec.json.encode(report)))
    print(f"Written to {file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file}")


if __name__ == "__main__":
    main()
