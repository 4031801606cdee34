"""Replay: hold everything that was kept against what follows from the ledger, and mend it."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from gamification.boards.copy import doubt
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.service import in_force
from gamification.ledger import intake
from gamification.recognition import kept
from gamification.recognition.expected import Expectation, Rows
from ground import clock
from ground.engine import fetch, fetchval
from ground.unit_of_work import unit_of_work

PAGE = 200


class Difference(NamedTuple):
    """A row that isn't as the ledger says. `None` stands for no row."""

    table: str
    key: tuple[Any, ...]
    stored: tuple[Any, ...] | None
    expected: tuple[Any, ...] | None

    def __str__(self) -> str:
        key = ", ".join(map(str, self.key))
        return f"{self.table} ({key}): is {self.stored}, should be {self.expected}"


Progress = Callable[[int, int], None]


async def check(
    *, as_of: datetime | None = None, progress: Progress | None = None
) -> list[Difference]:
    """The differences between what is kept and what follows from the ledger. Changes nothing."""
    found: list[Difference] = []
    async for differences in _pages(as_of, progress):
        found += differences
    return found


async def rebuild(*, progress: Progress | None = None) -> int:
    """Make everything as the ledger says. Return how many rows were wrong."""
    mended = 0
    async for differences in _pages(None, progress):
        for difference in differences:
            await kept.mend(difference.table, difference.key, difference.expected)
        mended += len(differences)
    if mended:
        await doubt()
    return mended


async def _pages(
    as_of: datetime | None, progress: Progress | None
) -> AsyncIterator[list[Difference]]:
    """Go through all members; each page is seen, and mended, in one transaction."""
    total = int(await fetchval("SELECT count(*) FROM player"))
    done, last = 0, UUID(int=0)
    while True:
        async with unit_of_work():
            catalogue = await in_force(await _revision(as_of))
            players = await _page(last)
            if not players:
                return
            yield await _differences(catalogue, players, as_of)
        done, last = done + len(players), max(players)
        if progress is not None:
            progress(done, total)


async def _revision(as_of: datetime | None) -> int:
    revision = await intake.catalogue_revision()
    if as_of is None:
        return revision
    return int(
        await fetchval(
            "SELECT coalesce(max(id), 0) FROM publication WHERE published_at <= $1", as_of
        )
    )


async def _page(after: UUID) -> dict[UUID, datetime]:
    rows = await fetch(
        """
        SELECT member_id, joined_at FROM player WHERE member_id > $1
        ORDER BY member_id LIMIT $2 FOR NO KEY UPDATE
        """,
        after,
        PAGE,
    )
    return {row["member_id"]: row["joined_at"] for row in rows}


async def _differences(
    catalogue: Catalogue, players: dict[UUID, datetime], as_of: datetime | None
) -> list[Difference]:
    closed = {
        row["period"]: row["closed_at"]
        for row in await fetch("SELECT period, closed_at FROM closed_period")
    }
    now = as_of or clock.now()
    expected = await Expectation(catalogue, players, closed, now, as_of).work_out()
    stored = await kept.read(players, now)
    return list(_compared(catalogue, stored, expected))


def _compared(catalogue: Catalogue, stored: Rows, expected: Rows) -> Iterator[Difference]:
    flows = {flow.number for flow in catalogue.flows.values()}
    for table in kept.BY_NAME:
        there, wanted = stored.get(table, {}), expected.get(table, {})
        for key in sorted(there.keys() | wanted.keys(), key=str):
            if table in FLOW_TABLES and key[1] not in flows:
                continue
            if key not in there and _left_to_the_clock(catalogue, table, key):
                continue
            if there.get(key) != wanted.get(key):
                yield Difference(table, key, there.get(key), wanted.get(key))


def _left_to_the_clock(catalogue: Catalogue, table: str, key: tuple[Any, ...]) -> bool:
    """Whether it may be due without having been given: the clock hasn't come by yet.

    It passes by who is unclaimed: they are given what time earned when they come.
    """
    match table:
        case "award":
            return ("badge", key[1]) in catalogue.due_by_the_clock
        case "tier_held":
            return ("tier", key[1]) in catalogue.due_by_the_clock
        case _:
            return False


FLOW_TABLES = frozenset({"tally", "day_in_flow", "value_in_flow"})
