"""The results: a table for people, and JSON for programs."""

import os
import platform
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.figures import Compared, Figure, Found, Growth, middle

RESULTS: Final = Path(__file__).parent / "results"
MOST_MEMORY_MIB: Final = 150
TITLES: Final = (
    f"{'':42} {'a second':>9} {'API us':>8} {'PG us':>8} {'Valkey':>7} {'stmts':>7}"
    f" {'p50 ms':>8} {'p99 ms':>8} {'MiB':>5}"
)


def show(members: int, runs: Sequence[Sequence[Compared]]) -> None:
    """What was measured at one size. The median of the runs, and all their ratios."""
    print(f"\n{members:,} members{'':{42 - len(f'{members:,} members')}}{TITLES[42:]}")
    for same in by_name(runs):
        median = middle(same)
        target = f", target {percents(median.target)}: {median.verdict}" if median.target else ""
        ratios = ", ".join(percents(run.ratio) for run in same) if len(same) > 1 else ""
        print(f"{median.name}: {percents(median.ratio)}{target}{f' ({ratios})' if ratios else ''}")
        for figure in (median.figure, median.limit, *median.beside):
            print(line(figure))


def line(figure: Figure) -> str:
    """A figure in the table. Processor time is that of one activity, or one call."""
    refused = f"  {figure.refused} refused (503)" if figure.refused else ""
    return (
        f"  {figure.what:40} {figure.per_second:>9,.0f} {figure.api_us:>8,.0f}"
        f" {figure.postgres_us:>8,.0f} {figure.valkey_us:>7,.0f}"
        f" {number(figure.statements_a_call):>7} {number(figure.p50_ms):>8}"
        f" {number(figure.p99_ms):>8} {number(figure.resident_mib, 0):>5}{refused}"
    )


def show_growth(grown: Sequence[Growth]) -> None:
    """What an activity costs at each size, beside the smallest one."""
    for each in grown:
        print(
            f"{each.name}: {each.members:,} beside {each.beside:,} members:"
            f" {each.processor:.2f} times the processor time of API and PostgreSQL,"
            f" {each.time:.2f} times the time (target at most {each.target}: {each.verdict})"
        )


def show_memory(runs: Sequence[Sequence[Compared]]) -> None:
    """The most that the API process ever held."""
    peaks = [each.figure.peak_mib for run in runs for each in run if each.figure.peak_mib]
    if peaks:
        verdict = "met" if max(peaks) < MOST_MEMORY_MIB else "missed"
        print(f"API process: at most {max(peaks):.0f} MiB (target {MOST_MEMORY_MIB}: {verdict})")


def show_part(part: str, found: Found) -> None:
    """What a part of its own found."""
    print(f"\n{part:42}{TITLES[42:]}")
    for each in found.compared:
        target = f", target {percents(each.target)}: {each.verdict}" if each.target else ""
        print(f"{each.name}: {percents(each.ratio)}{target}")
        for figure in (each.figure, each.limit, *each.beside):
            print(line(figure))
    for goal in found.goals:
        value, most = (f"{number(each)} {goal.unit}" for each in (goal.value, goal.at_most))
        print(f"{goal.name}: {value} (target at most {most}: {goal.verdict})")
    for note in found.notes:
        print(note)


def by_name(runs: Sequence[Sequence[Compared]]) -> list[list[Compared]]:
    """The same measurement of all runs, together."""
    together: dict[str, list[Compared]] = {}
    for run in runs:
        for each in run:
            together.setdefault(each.name, []).append(each)
    return list(together.values())


def number(value: float | None, digits: int = 1) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def percents(ratio: float) -> str:
    return f"{ratio:.0%}" if ratio < 2 else f"{ratio:.1f} times"


def keep(
    about: dict[str, Any],
    results: dict[int, list[list[Compared]]],
    parts: dict[str, Found],
    output: Path | None = None,
) -> Path:
    """Write everything as JSON, every run of it."""
    report = {
        "machine": platform.platform(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        **about,
        "results": [
            {"run": run, **each.told()}
            for runs in results.values()
            for run, all_of_it in enumerate(runs, 1)
            for each in all_of_it
        ],
        "parts": {part: found.told() for part, found in parts.items()},
    }
    file = output or RESULTS / f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(report)))
    return file
