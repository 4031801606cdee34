"""Replay: hold everything that was kept against what follows from the ledger, and mend it."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from gamification.boards.copy import doubt
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.service import in_force
from gamification.ledger import intake
from gamification.recognition import kept
from gamification.recognition.expected import Expectation, Rows
from gamification.recognition.mending import Difference, mend
from ground import clock
from ground.callers import Caller
from ground.engine import fetch, fetchval
from ground.unit_of_work import unit_of_work

PAGE = 200


Progress = Callable[[int, int], None]


async def check(
    *, as_of: datetime | None = None, progress: Progress | None = None
) -> list[Difference]:
    """The differences between what is kept and what follows from the ledger. Changes nothing."""
    found: list[Difference] = []

    async def note(differences: list[Difference]) -> None:
        found.extend(differences)

    await _go_through(note, as_of, progress)
    return found


async def rebuild(*, by: Caller, progress: Progress | None = None) -> int:
    """Make everything as the ledger says. Return how many rows were wrong.

    What was mended is in the audit trail, and members who listen are told where they stand.
    """
    mended = 0

    async def mend_them(differences: list[Difference]) -> None:
        nonlocal mended
        await mend(differences, by=by)
        mended += len(differences)

    await _go_through(mend_them, None, progress)
    if mended:
        await doubt()
    return mended


async def _go_through(
    look: Callable[[list[Difference]], Awaitable[None]],
    as_of: datetime | None,
    progress: Progress | None,
) -> None:
    """Go through all members; each page is worked out, and looked at, in one transaction."""
    total = int(await fetchval("SELECT count(*) FROM player"))
    done, last = 0, UUID(int=0)
    while True:
        async with unit_of_work():
            catalogue = await in_force(await _revision(as_of))
            players = await _page(last)
            if not players:
                return
            await look(await _differences(catalogue, players, as_of))
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
