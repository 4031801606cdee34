"""What is measured: figures, each beside its limit."""

import statistics
from collections.abc import Callable, Sequence

import msgspec


class Figure(msgspec.Struct, kw_only=True):
    """What one thing did under load. Times are in the unit that their name ends with."""

    what: str
    # How many of what is counted were done: activities, or calls.
    done: int
    each: str
    seconds: float
    per_second: float
    # Processor time for each of what is counted.
    api_us: float
    postgres_us: float
    valkey_us: float = 0.0
    # Of a call, which may carry many activities.
    a_call: int = 1
    statements_a_call: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    # Calls that were told to try again in a moment (503). Nothing was done for them.
    refused: int = 0
    # The process that answered, when the load was over.
    resident_mib: float | None = None
    peak_mib: float | None = None
    # What the load itself cost, on the same two cores.
    load_us: float = 0.0

    def told(self) -> dict[str, object]:
        """For the JSON, with what a whole call costs."""
        return {
            **msgspec.to_builtins(self),
            "api_us_a_call": self.api_us * self.a_call,
            "postgres_us_a_call": self.postgres_us * self.a_call,
        }


class Compared(msgspec.Struct, kw_only=True):
    """A figure beside its limit of the same run, and the ratio that is to be reached."""

    name: str
    members: int
    figure: Figure
    limit: Figure
    target: float | None = None
    # Measured beside them, for the context.
    beside: list[Figure] = []

    @property
    def ratio(self) -> float:
        return self.figure.per_second / self.limit.per_second

    def told(self) -> dict[str, object]:
        """For the JSON."""
        return {
            "name": self.name,
            "members": self.members,
            "ratio": self.ratio,
            "target": self.target,
            "verdict": self.verdict,
            "figure": self.figure.told(),
            "limit": self.limit.told(),
            "beside": [figure.told() for figure in self.beside],
        }

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return "met" if self.ratio >= self.target else "missed"


def middle(runs: Sequence[Compared]) -> Compared:
    """The run whose ratio is in the middle."""
    return sorted(runs, key=lambda run: run.ratio)[len(runs) // 2]


def median(runs: Sequence[Compared], of: Callable[[Figure], float]) -> float:
    """The median of a value of the figures."""
    return statistics.median(of(run.figure) for run in runs)


def percentile(values: Sequence[float], part: float) -> float | None:
    """The value that this part of all is not above."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


class Growth(msgspec.Struct, kw_only=True):
    """How much dearer the same thing is in a larger community."""

    name: str
    members: int
    beside: int
    # Times the processor time, of API and PostgreSQL together; times the time on the clock.
    processor: float
    time: float
    target: float

    @property
    def verdict(self) -> str:
        return "met" if max(self.processor, self.time) <= self.target else "missed"

    def told(self) -> dict[str, object]:
        """For the JSON."""
        return {**msgspec.to_builtins(self), "verdict": self.verdict}


def growth(small: Sequence[Compared], large: Sequence[Compared], target: float) -> Growth:
    """The medians of runs beside those in a smaller community."""

    def processor(figure: Figure) -> float:
        return figure.api_us + figure.postgres_us + figure.valkey_us

    def speed(figure: Figure) -> float:
        return figure.per_second

    return Growth(
        name=small[0].name,
        members=large[0].members,
        beside=small[0].members,
        processor=median(large, processor) / median(small, processor),
        time=median(small, speed) / median(large, speed),
        target=target,
    )


class Goal(msgspec.Struct, kw_only=True):
    """A value that isn't to be above what it may be at most."""

    name: str
    value: float
    at_most: float
    unit: str

    @property
    def verdict(self) -> str:
        return "met" if self.value <= self.at_most else "missed"

    def told(self) -> dict[str, object]:
        """For the JSON."""
        return {**msgspec.to_builtins(self), "verdict": self.verdict}


class Found(msgspec.Struct, kw_only=True):
    """What a part of its own found: ratios, values, and what else there is to say."""

    compared: list[Compared] = []
    goals: list[Goal] = []
    notes: list[str] = []

    def told(self) -> dict[str, object]:
        """For the JSON."""
        return {
            "results": [each.told() for each in self.compared],
            "goals": [each.told() for each in self.goals],
            "notes": self.notes,
        }


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How a part is to be measured."""

    quick: bool
    # How long each load lasts, at most.
    seconds: float
    # How many sockets there are at once.
    clients: list[int]
    # Whether servers of others are fetched and measured beside.
    peers: bool
