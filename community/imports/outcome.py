"""What became of the lines of a file, counted. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

SHOWN: Final = 20


class Unit(StrEnum):
    """What comes in as a whole or not at all."""

    FILE = "file"
    BATCH = "batch"
    LINE = "line"


class Rejection(NamedTuple):
    """A line that can't be taken, and why."""

    line: int
    code: str
    why: str


Refuse = Callable[[Rejection], None]


class Outcome(msgspec.Struct, kw_only=True):
    """What became of some lines. Each is in one of the five."""

    new: int = 0
    known: int = 0
    left_out: Counter[str] = msgspec.field(default_factory=Counter)
    rejected: list[Rejection] = msgspec.field(default_factory=list)
    # Fine by themselves, and not taken since others weren't.
    held_back: int = 0

    def hold_back(self) -> None:
        """Nothing of this comes in."""
        self.held_back += self.new
        self.new = 0


class Report(msgspec.Struct, kw_only=True):
    """What an import did, or would do, counted. Holds the first few rejected lines."""

    lines: int
    is_trial: bool = False
    new: int = 0
    known: int = 0
    left_out: Counter[str] = msgspec.field(default_factory=Counter)
    held_back: int = 0
    rejected: int = 0
    shown: list[Rejection] = msgspec.field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.new += outcome.new
        self.known += outcome.known
        self.left_out += outcome.left_out
        self.held_back += outcome.held_back
        self.rejected += len(outcome.rejected)
        self.shown += outcome.rejected[: SHOWN - len(self.shown)]

    def hold_back(self) -> None:
        """Nothing of this comes in."""
        self.held_back += self.new
        self.new = 0


def in_order(rejected: Sequence[Rejection]) -> list[Rejection]:
    """Rejections as they stand in the file."""
    return sorted(rejected, key=lambda rejection: rejection.line)
