"""`make bench`: measure, print tables, and write the same as JSON. See docs/benchmarks.md."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks import (
    calm,
    challenge,
    comeback,
    inbox,
    live,
    machine,
    profiling,
    push,
    report,
    stalled,
    widget,
)
from benchmarks.activities import Measuring, in_batches, one_a_call
from benchmarks.calls import Failed
from benchmarks.community import SCORED, Community
from benchmarks.figures import Compared, Found, Growth, Wishes, growth
from benchmarks.history import look_back, places_on_board
from benchmarks.progress import say
from benchmarks.reads import hot_reads
from benchmarks.settled import settled
from benchmarks.stage import publish_scored
from gamification.recognition.replay import check

SIZED: Final = ("batches", "singles", "reads")
# Each on servers of its own, with as many members as it needs.
ALONE: Final[dict[str, Callable[[Wishes], Awaitable[Found]]]] = {
    "live": live.measured,
    "stalled": stalled.measured,
    "comeback": comeback.measured,
    "widget": widget.measured,
    "challenge": challenge.measured,
    "push": push.measured,
    "inbox": inbox.measured,
    "calm": calm.measured,
}
PARTS: Final = (*SIZED, *ALONE)
CLIENTS: Final = (200, 1_000, 5_000)
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
    about: dict[str, Any] = {
        "load_average_before": machine.load_average(),
        "arguments": {name: str(value) for name, value in vars(options).items()},
    }
    results = by_size(options) if set(options.parts) & set(SIZED) else {}
    if len(results) > 1:
        growths = grown(results)
        report.show_growth(growths)
        about["growth"] = [each.told() for each in growths]
    for runs_of_size in results.values():
        report.show_memory(runs_of_size)
    parts = asyncio.run(alone(options))
    about["load_average_after"] = machine.load_average()
    file = report.keep(about, results, parts, options.output)
    print(f"Written to {file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file}")


def by_size(options: argparse.Namespace) -> Results:
    """What depends on how many members there are."""
    results: Results = {}
    for members in [SMALL] if options.quick else options.members:
        runs = options.runs or (3 if members <= SMALL else 1)
        results[members] = []
        for number in range(1, runs + 1):
            say(f"{members:,} members, run {number} of {runs}")
            results[members].append(asyncio.run(one_run(members, options)))
        report.show(members, results[members])
    return results


async def alone(options: argparse.Namespace) -> dict[str, Found]:
    """What is measured by itself."""
    machine.allow_many_sockets()
    wishes = Wishes(
        quick=options.quick,
        seconds=options.seconds / (4 if options.quick else 1),
        clients=options.clients or list(CLIENTS[: 2 if options.quick else None]),
        peers=options.peers,
    )
    parts = {}
    for part, measured_alone in ALONE.items():
        if part in options.parts:
            say(part)
            parts[part] = await measured_alone(wishes)
            report.show_part(part, parts[part])
    return parts


def parsed() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure Ambassade.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which parts; all of them")
    parser.add_argument("--members", type=int, nargs="+", default=list(SIZES), help="how many")
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--seconds", type=float, default=8, help="how long each load lasts")
    parser.add_argument("--runs", type=int, help="runs, of which the median counts")
    parser.add_argument("--clients", type=int, nargs="+", help="sockets at once, in `live`")
    parser.add_argument(
        "--peers",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="fetch what others made from npm and PyPI, and measure it beside",
    )
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
        if "singles" in parts:
            found.append(tell(await one_a_call(run, product)))
        if "reads" in parts:
            found += map(tell, await hot_reads(run, product))
        if "batches" in parts:
            # Last: it doubles the rules that everything is heard by.
            await publish_scored()
            found.append(tell(await in_batches(run, product, prefix=SCORED)))
    return found


async def profile(options: argparse.Namespace) -> None:
    """Look into one part, at the first size that is named."""
    members = SMALL if options.quick else options.members[0]
    async with peopled(members, options.seconds) as run:
        await profiling.profiled(run, options.profile)


@asynccontextmanager
async def peopled(members: int, seconds: float) -> AsyncIterator[Measuring]:
    """A community of this size, on servers of its own."""
    async with settled(members) as here:
        await look_back()
        say(f"everybody has a past: {await places_on_board():,} have points")
        yield Measuring(here, Community(members), members, seconds)


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
