"""`make bench`: measure, print tables, and write the same as JSON. See docs/benchmarks.md."""

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks import machine, profiling, report
from benchmarks.activities import Measuring, in_batches, one_a_call
from benchmarks.calls import Failed
from benchmarks.community import SCORED, Community
from benchmarks.figures import Compared, Growth, growth
from benchmarks.history import look_back, places_on_board
from benchmarks.people import settle_in
from benchmarks.progress import say
from benchmarks.reads import hot_reads
from benchmarks.stage import stage
from gamification.recognition.replay import check

PARTS: Final = ("batches", "singles", "reads")
SIZES: Final = (1_000, 100_000, 1_000_000)
SMALL: Final = SIZES[0]
MOST_GROWTH: Final = 2.5
Results = dict[int, list[list[Compared]]]


def main() -> None:
    """Run the benchmarks."""
    options = parsed()
    if options.profile:
        asyncio.run(profile(options))
        return
    sizes = [SMALL] if options.quick else options.members
    about: dict[str, Any] = {
        "load_average_before": machine.load_average(),
        "arguments": {name: str(value) for name, value in vars(options).items()},
    }
    results: Results = {}
    for members in sizes:
        runs = options.runs or (3 if members <= SMALL else 1)
        results[members] = []
        for number in range(1, runs + 1):
            say(f"{members:,} members, run {number} of {runs}")
            results[members].append(asyncio.run(one_run(members, options)))
        report.show(members, results[members])
    growths = grown(results)
    report.show_growth(growths)
    about["growth"] = [each.told() for each in growths]
    for runs_of_size in results.values():
        report.show_memory(runs_of_size)
    about["load_average_after"] = machine.load_average()
    file = report.keep(about, results, options.output)
    print(f"Written to {file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file}")


def parsed() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure Ambassade.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which parts; all of them")
    parser.add_argument("--members", type=int, nargs="+", default=list(SIZES), help="how many")
    parser.add_argument("--quick", action="store_true", help="1,000 members only")
    parser.add_argument("--seconds", type=float, default=8, help="how long each load lasts")
    parser.add_argument("--runs", type=int, help="runs, of which the median counts")
    parser.add_argument("--output", type=Path, help="where the JSON goes")
    parser.add_argument(
        "--check", action="store_true", help="hold everything against the ledger afterwards"
    )
    parser.add_argument(
        "--profile", choices=profiling.PARTS, help="don't measure: say where the time goes"
    )
    options = parser.parse_args()
    options.parts = options.parts or list(PARTS)
    return options


async def one_run(members: int, options: argparse.Namespace) -> list[Compared]:
    """One run on fresh servers."""
    async with peopled(members, options.seconds) as run:
        found = await measured(run, options.parts)
        if options.check and (differences := await check()):
            raise Failed(f"{len(differences)} rows aren't as the ledger says: {differences[:3]}")
        return found


async def measured(run: Measuring, parts: Collection[str]) -> list[Compared]:
    """Measure these parts, one after the other, on one API process."""
    found: list[Compared] = []
    with run.stage.product() as product:
        if "batches" in parts:
            found.append(tell(await in_batches(run, product)))
            found.append(tell(await in_batches(run, product, prefix=SCORED)))
        if "singles" in parts:
            found.append(tell(await one_a_call(run, product)))
        if "reads" in parts:
            found += map(tell, await hot_reads(run, product))
    return found


async def profile(options: argparse.Namespace) -> None:
    """Look into one part, at the first size that is named."""
    members = SMALL if options.quick else options.members[0]
    async with peopled(members, options.seconds) as run:
        await profiling.profiled(run, options.profile)


@asynccontextmanager
async def peopled(members: int, seconds: float) -> AsyncIterator[Measuring]:
    """A community of this size, on servers of its own."""
    with place() as home:
        async with stage(home) as here:
            await settle_in(members)
            say("everybody has joined")
            await look_back()
            say(f"everybody has a past: {await places_on_board():,} have points")
            yield Measuring(here, Community(members), members, seconds)


@contextmanager
def place() -> Iterator[Path]:
    """A folder for the servers, which the account that they run under can reach."""
    with tempfile.TemporaryDirectory(prefix="ambassade-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        yield Path(home) / "data"


def grown(results: Results) -> list[Growth]:
    """What larger communities cost beside the smallest."""
    smallest = min(results)
    small = {same[0].name: same for same in report.by_name(results[smallest])}
    return [
        growth(small[same[0].name], same, MOST_GROWTH)
        for members, runs in results.items()
        if members != smallest
        for same in report.by_name(runs)
    ]


def tell(compared: Compared) -> Compared:
    """Say at once what was measured."""
    say(f"{compared.name}: {compared.figure.per_second:,.0f} a second, {compared.ratio:.2f} of it")
    return compared


if __name__ == "__main__":
    main()
