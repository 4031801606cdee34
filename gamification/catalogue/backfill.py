"""What new criteria and boards look at is counted for the past, as if it had been all along."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from gamification.boards.copy import doubt
from gamification.catalogue.compiled import Catalogue
from gamification.recognition.expected import Expectation, Rows
from ground import clock
from ground.engine import execute, fetch
from ground.unit_of_work import after_commit

PAGE: Final = 200

_INSERTS: Final = {
    "tally": """
        INSERT INTO tally (member_id, flow, subject, n, total, rises)
        SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::bigint[], $5::bigint[],
            $6::bigint[])
        """,
    "value_in_flow": """
        INSERT INTO value_in_flow (member_id, flow, subject, value, n)
        SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::bigint[])
        """,
    "day_in_flow": """
        INSERT INTO day_in_flow (member_id, flow, subject, day, n, rises)
        SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::date[], $5::bigint[],
            $6::bigint[])
        """,
    "board_points": """
        INSERT INTO board_points (scope, period, member_id, points, revision)
        SELECT s, p, m, n, 1 FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[])
            AS t (s, p, m, n)
        """,
}


class Streams(NamedTuple):
    """What is counted: flows, those of them day by day, and scopes of boards."""

    flows: frozenset[int]
    windows: frozenset[int]
    scopes: frozenset[str]

    def __sub__(self, other: "Streams") -> "Streams":
        return Streams(
            self.flows - other.flows, self.windows - other.windows, self.scopes - other.scopes
        )

    def hold(self, table: str, key: tuple[Any, ...]) -> bool:
        """Whether a row of a table is about one of these."""
        match table:
            case "tally" | "value_in_flow":
                return key[1] in self.flows
            case "day_in_flow":
                return key[1] in self.windows
            case "board_points":
                return key[0] in self.scopes
            case _:
                return False


def streams_of(catalogue: Catalogue) -> Streams:
    """What a catalogue lets be counted."""
    flows = catalogue.flows.values()
    return Streams(
        frozenset(flow.number for flow in flows),
        frozenset(flow.number for flow in flows if flow.window_days is not None),
        frozenset(catalogue.scopes),
    )


async def backfill(before: Catalogue, after: Catalogue) -> None:
    """Count what only the new catalogue looks at; drop what only the old one did.

    Call it while crediting waits.
    """
    old, new = streams_of(before), streams_of(after)
    gained, lost = new - old, old - new
    await _drop(lost)
    if gained.scopes or lost.scopes:
        after_commit(doubt)
    if not any(gained):
        return
    closed = {
        row["period"]: row["closed_at"]
        for row in await fetch("SELECT period, closed_at FROM closed_period")
    }
    last = UUID(int=0)
    while players := await _page(last):
        expectation = Expectation(after, players, closed, clock.now())
        await expectation.amounts()
        await _write(gained, expectation.rows)
        last = max(players)


async def _drop(lost: Streams) -> None:
    """What isn't kept up any more would be wrong when it is asked for again."""
    if lost.flows:
        await execute("DELETE FROM tally WHERE flow = ANY($1::int[])", list(lost.flows))
        await execute("DELETE FROM value_in_flow WHERE flow = ANY($1::int[])", list(lost.flows))
    if lost.windows:
        await execute("DELETE FROM day_in_flow WHERE flow = ANY($1::int[])", list(lost.windows))
    if lost.scopes:
        await execute("DELETE FROM board_points WHERE scope = ANY($1::text[])", list(lost.scopes))


async def _page(after: UUID) -> Mapping[UUID, datetime]:
    """Members with entries, by id."""
    rows = await fetch(
        """
        SELECT s.member_id, p.joined_at FROM standing s JOIN player p USING (member_id)
        WHERE s.member_id > $1 ORDER BY s.member_id LIMIT $2
        """,
        after,
        PAGE,
    )
    return {row["member_id"]: row["joined_at"] for row in rows}


async def _write(gained: Streams, rows: Rows) -> None:
    for table, insert in _INSERTS.items():
        mine = [(*key, *row) for key, row in rows.get(table, {}).items() if gained.hold(table, key)]
        if mine:
            await execute(insert, *map(list, zip(*mine, strict=True)))
