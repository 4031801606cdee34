"""The challenges that something may still count for, read once for each revision."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, NamedTuple
from uuid import UUID

from gamification.challenges.challenge import COLUMNS, Challenge
from gamification.rules.criteria import ANY_KIND
from ground import clock
from ground.engine import execute, fetch, fetchval

REMEMBERED: Final = 4

_OPEN: Final = f"""
SELECT {COLUMNS} FROM challenge
WHERE published_at IS NOT NULL AND closed_at IS NULL ORDER BY id
"""  # noqa: S608 - the constant list of columns


class Listening(NamedTuple):
    """The open challenges, by id and by the kind of what counts."""

    by_id: Mapping[UUID, Challenge]
    by_kind: Mapping[str, tuple[Challenge, ...]]

    def to(self, kind: str) -> tuple[Challenge, ...]:
        """The challenges that an act of this kind may count for."""
        return self.by_kind.get(kind, self.by_kind[ANY_KIND])


NOTHING: Final = Listening({}, {ANY_KIND: ()})

_remembered: OrderedDict[int, Listening] = OrderedDict()


async def revision() -> int:
    """The number of the last change of what counts; 0 before the first."""
    return int(await fetchval("SELECT coalesce(max(id), 0) FROM challenge_revision"))


async def listening(at: int) -> Listening:
    """What is listened for at a revision. The caller holds the catalogue, and so keeps it there."""
    if at == 0:
        return NOTHING
    found = _remembered.get(at)
    if found is None:
        found = _remembered[at] = _sorted_by_kind([Challenge.of(row) for row in await fetch(_OPEN)])
        while len(_remembered) > REMEMBERED:
            _remembered.popitem(last=False)
    return found


def _sorted_by_kind(challenges: list[Challenge]) -> Listening:
    every = tuple(each for each in challenges if each.counts.kind == ANY_KIND)
    kinds = {each.counts.kind for each in challenges} - {ANY_KIND}
    by_kind = {
        kind: (*(each for each in challenges if each.counts.kind == kind), *every) for kind in kinds
    }
    return Listening({each.id: each for each in challenges}, {**by_kind, ANY_KIND: every})


async def changed() -> None:
    """Let all who credit from now on listen anew. The caller holds everything."""
    await execute("INSERT INTO challenge_revision (changed_at) VALUES ($1)", clock.now())
