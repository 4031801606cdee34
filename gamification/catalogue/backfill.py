"""What new criteria, boards and seasons look at is counted for the past, as if all along."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from gamification.boards.copy import doubt
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.members import with_entries
from gamification.ledger.periods import periods_of
from gamification.recognition.expected import Expectation, Rows
from gamification.seasons.season import Season
from ground import clock
from ground.engine import execute, fetch
from ground.unit_of_work import after_commit

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
TALLY: Final = "DELETE FROM tally WHERE member_id = ANY($1::uuid[]) AND flow = ANY($2::int[])"
VALUE: Final = """
DELETE FROM value_in_flow WHERE member_id = ANY($1::uuid[]) AND flow = ANY($2::int[])
"""
DAY: Final = "DELETE FROM day_in_flow WHERE member_id = ANY($1::uuid[]) AND flow = ANY($2::int[])"
BOARD: Final = """
DELETE FROM board_points b USING unnest($1::text[], $2::text[], $3::uuid[]) AS w (s, p, m)
WHERE b.scope = s AND b.period = p AND b.member_id = m
"""


class Streams(NamedTuple):
    """What is counted: flows, those of them day by day, scopes of boards, those of seasons."""

    flows: frozenset[int] = frozenset()
    windows: frozenset[int] = frozenset()
    scopes: frozenset[str] = frozenset()
    seasons: frozenset[tuple[str, str]] = frozenset()

    def without(self, other: "Streams") -> "Streams":
        """What only the first counts."""
        return Streams(
            self.flows - other.flows,
            self.windows - other.windows,
            self.scopes - other.scopes,
            self.seasons - other.seasons,
        )

    @property
    def of_boards(self) -> bool:
        """Whether boards are among what is counted."""
        return bool(self.scopes or self.seasons)

    def hold(self, table: str, key: tuple[object, ...]) -> bool:
        """Whether a row of a table is about one of these."""
        match table:
            case "tally" | "value_in_flow":
                return key[1] in self.flows
            case "day_in_flow":
                return key[1] in self.windows
            case "board_points":
                return key[0] in self.scopes or (key[0], key[1]) in self.seasons
            case _:
                return False


class Difference(NamedTuple):
    """What another catalogue counts: more, the same over other days, and not any more."""

    gained: Streams
    changed: Streams
    lost: Streams


def streams_of(catalogue: Catalogue) -> Streams:
    """What a catalogue lets be counted."""
    flows = catalogue.flows.values()
    return Streams(
        frozenset(flow.number for flow in flows),
        frozenset(flow.number for flow in flows if flow.window_days is not None),
        frozenset(catalogue.scopes),
        frozenset(
            (scope, catalogue.days_of_season(slug).period)
            for slug, scopes in catalogue.scopes_of_seasons.items()
            for scope in scopes
        ),
    )


def difference(before: Catalogue, after: Catalogue) -> Difference:
    """What has to be counted, counted again, and dropped, when one takes over from the other."""
    old, new = streams_of(before), streams_of(after)
    flows = {flow.number: flow.season for flow in before.flows.values()}
    moved = [flow for flow in after.flows.values() if _moved(flow.season, flows.get(flow.number))]
    periods = {
        season.days.period
        for slug, season in after.seasons.items()
        if slug in before.seasons and _moved(season.days, before.seasons[slug].days)
    }
    changed = Streams(
        flows=frozenset(flow.number for flow in moved),
        windows=frozenset(flow.number for flow in moved if flow.window_days is not None),
        seasons=frozenset(place for place in new.seasons if place[1] in periods),
    )
    return Difference(new.without(old), changed, old.without(new))


def _moved(season: Season | None, before: Season | None) -> bool:
    """Whether a season has other days than before."""
    if season is None or before is None:
        return False
    return (season.starts_on, season.ends_on) != (before.starts_on, before.ends_on)


async def backfill(before: Catalogue, after: Catalogue) -> None:
    """Count what only the new catalogue looks at; drop what only the old one did.

    Call it while crediting waits.
    """
    gained, changed, lost = difference(before, after)
    await _drop_everywhere(lost)
    if any(streams.of_boards for streams in (gained, changed, lost)):
        after_commit(doubt)
    counted = [streams for streams in (gained, changed) if any(streams)]
    if not counted:
        return
    closed = await closed_at()
    last = UUID(int=0)
    while players := await with_entries(last):
        rows = await amounts_of(after, players, closed)
        for streams in counted:
            await overwrite(streams, players, rows)
        last = max(players)


async def closed_at() -> dict[str, datetime]:
    """When each period was closed."""
    rows = await fetch("SELECT period, closed_at FROM closed_period")
    return {row["period"]: row["closed_at"] for row in rows}


async def amounts_of(
    catalogue: Catalogue, players: Mapping[UUID, datetime], closed: Mapping[str, datetime]
) -> Rows:
    """What the ledger says should be kept of members, apart from what they hold."""
    expectation = Expectation(catalogue, players, closed, clock.now())
    await expectation.amounts()
    return expectation.rows


async def overwrite(streams: Streams, member_ids: Collection[UUID], rows: Rows) -> None:
    """Set what is counted of members, whatever was there. Call it while holding them."""
    await drop(streams, member_ids)
    for table, insert in _INSERTS.items():
        mine = [(*k, *row) for k, row in rows.get(table, {}).items() if streams.hold(table, k)]
        if mine:
            await execute(insert, *map(list, zip(*mine, strict=True)))


async def drop(streams: Streams, member_ids: Collection[UUID]) -> None:
    """Forget what was counted of members in these streams."""
    members = list(member_ids)
    if streams.flows:
        await execute(TALLY, members, list(streams.flows))
        await execute(VALUE, members, list(streams.flows))
    if streams.windows:
        await execute(DAY, members, list(streams.windows))
    if streams.of_boards:
        days = await _places(members) if streams.scopes else set()
        wanted = [(scope, period, member) for member, period in days for scope in streams.scopes]
        wanted += [(*place, member) for member in members for place in streams.seasons]
        if wanted:
            await execute(BOARD, *map(list, zip(*wanted, strict=True)))


async def _places(member_ids: Collection[UUID]) -> set[tuple[UUID, str]]:
    """The periods in which members did something. Without them, a deletion reads all of a scope."""
    rows = await fetch(
        "SELECT DISTINCT member_id, programme_day FROM ledger_entry WHERE member_id = ANY($1)",
        list(member_ids),
    )
    return {(row[0], period) for row in rows for period in periods_of(row[1])}


async def _drop_everywhere(lost: Streams) -> None:
    """What isn't kept up any more would be wrong when it is asked for again."""
    if lost.flows:
        await execute("DELETE FROM tally WHERE flow = ANY($1::int[])", list(lost.flows))
        await execute("DELETE FROM value_in_flow WHERE flow = ANY($1::int[])", list(lost.flows))
    if lost.windows:
        await execute("DELETE FROM day_in_flow WHERE flow = ANY($1::int[])", list(lost.windows))
    if lost.of_boards:
        await execute(
            """
            DELETE FROM board_points WHERE scope = ANY($1::text[])
                OR (scope, period) IN (SELECT s, p FROM unnest($2::text[], $3::text[]) AS t (s, p))
            """,
            list(lost.scopes),
            [scope for scope, _ in lost.seasons],
            [period for _, period in lost.seasons],
        )
