"""The parts of a board that one can ask for."""

from typing import NamedTuple
from uuid import UUID


class Top(NamedTuple):
    """From the first place on."""

    limit: int


class FromPlace(NamedTuple):
    """From the first who has this place, or the next one that is taken."""

    place: int
    limit: int


class After(NamedTuple):
    """What is listed after somebody with these points, who needn't be there any more."""

    points: int
    alias: UUID
    limit: int


class Around(NamedTuple):
    """Oneself, so many listed before and so many after."""

    above: int
    below: int

    @classmethod
    def within(cls, limit: int) -> "Around":
        """Most of the room goes to those ahead; of those behind the last is never among them."""
        below = min(4, (limit - 1) // 2)
        return cls(limit - 1 - below, below)


Window = Top | FromPlace | After | Around


class Own(NamedTuple):
    """What a board compares somebody with. Who is hidden isn't in it, and compares all the same."""

    alias: UUID
    points: int
    appears: bool


class Part(NamedTuple):
    """A part of a board: who is listed, and what their places are counted from."""

    above_own: int
    above_first: int
    through_first: int
    goes_on: bool
    # By their aliases, as text.
    listed: list[tuple[str, int]]
