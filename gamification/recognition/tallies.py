"""The tallies: how much has run in each flow, kept by differences and read back as totals."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from gamification.catalogue.compiled import Catalogue
from gamification.rules.facts import Fact
from gamification.rules.promise import Amount
from gamification.rules.timeline import value_of
from ground.arrays import columns
from ground.engine import fetch

Place = tuple[UUID, int, str]
DayPlace = tuple[UUID, int, str, date]
ValuePlace = tuple[UUID, int, str, str]


class Touch(msgspec.Struct):
    """How something was touched: by facts from `since` on.

    `shaken` when any of them can speak against what is held; `undone` when any is a reversal,
    after which totals can be lower than they were.
    """

    since: datetime
    shaken: bool = False
    undone: bool = False

    def and_by(self, since: datetime, *, shaken: bool, undone: bool = False) -> None:
        """Touch again."""
        if since < self.since:
            self.since = since
        if shaken:
            self.shaken = True
        if undone:
            self.undone = True


class Changes:
    """How the tallies change by facts that came (+1) or were reversed (-1), and since when."""

    def __init__(self) -> None:
        self.amounts: dict[Place, list[int]] = {}
        self.touches: dict[Place, Touch] = {}
        self.days: dict[DayPlace, list[int]] = defaultdict(lambda: [0, 0])
        self.values: dict[ValuePlace, int] = defaultdict(int)

    def add(self, catalogue: Catalogue, fact: Fact, sign: int) -> None:
        """Let the fact run through the flows."""
        member_id, subject, quantity, moment = (
            fact.member_id,
            fact.subject,
            fact.quantity,
            fact.moment,
        )
        undone = sign < 0
        shaken = undone or quantity < 0
        rise = sign * quantity if quantity > 0 else 0
        for flow in catalogue.flows_heard(fact):
            place = (member_id, flow.number, subject if flow.per_subject else "")
            amounts = self.amounts.get(place)
            if amounts is None:
                amounts = self.amounts[place] = [0, 0, 0]
                self.touches[place] = Touch(moment, shaken, undone)
            else:
                self.touches[place].and_by(moment, shaken=shaken, undone=undone)
            if flow.of is None:
                amounts[0] += sign
                amounts[1] += sign * (fact.worth if flow.of_points else quantity)
                amounts[2] += rise
            else:
                self.values[*place, value_of(flow.of, fact) or ""] += sign
            if flow.window_days is not None:
                day = self.days[*place, fact.day]
                day[0] += sign
                day[1] += rise


async def apply(changes: Changes) -> dict[Place, Amount]:
    """Write the changes, a statement a table. Return the new totals of what changed."""
    await _apply_values(changes)
    await _apply_days(changes.days)
    if not changes.amounts:
        return {}
    rows = await fetch(
        """
        INSERT INTO tally (member_id, flow, subject, n, total, rises)
        SELECT * FROM unnest($1::text::uuid[], $2::text::int[], $3::text::text[],
            $4::text::bigint[], $5::text::bigint[], $6::text::bigint[])
        ON CONFLICT (member_id, flow, subject) DO UPDATE
        SET n = tally.n + excluded.n, total = tally.total + excluded.total,
            rises = tally.rises + excluded.rises
        RETURNING member_id, flow, subject, n, total, rises
        """,
        *_columns((*place, *amount) for place, amount in changes.amounts.items()),
    )
    return _amounts(rows)


async def _apply_values(changes: Changes) -> None:
    if not changes.values:
        return
    rows = await fetch(
        """
        INSERT INTO value_in_flow (member_id, flow, subject, value, n)
        SELECT * FROM unnest($1::text::uuid[], $2::text::int[], $3::text::text[],
            $4::text::text[], $5::text::bigint[])
        ON CONFLICT (member_id, flow, subject, value) DO UPDATE
        SET n = value_in_flow.n + excluded.n
        RETURNING member_id, flow, subject, value, n
        """,
        *_columns((*place, change) for place, change in changes.values.items()),
    )
    for member_id, flow, subject, value, n in rows:
        before = n - changes.values[member_id, flow, subject, value]
        changes.amounts[member_id, flow, subject][0] += int(n > 0) - int(before > 0)


async def _apply_days(days: dict[DayPlace, list[int]]) -> None:
    if days:
        await fetch(
            """
            INSERT INTO day_in_flow (member_id, flow, subject, day, n, rises)
            SELECT * FROM unnest($1::text::uuid[], $2::text::int[], $3::text::text[],
                $4::text::date[], $5::text::bigint[], $6::text::bigint[])
            ON CONFLICT (member_id, flow, subject, day) DO UPDATE
            SET n = day_in_flow.n + excluded.n, rises = day_in_flow.rises + excluded.rises
            """,
            *_columns((*place, *amount) for place, amount in days.items()),
        )


async def totals(places: Collection[Place]) -> dict[Place, Amount]:
    """The totals at these places; where there is nothing, nothing."""
    if not places:
        return {}
    rows = await fetch(
        """
        SELECT t.member_id, t.flow, t.subject, t.n, t.total, t.rises
        FROM unnest($1::text::uuid[], $2::text::int[], $3::text::text[])
            AS w (member_id, flow, subject)
        JOIN tally t ON t.member_id = w.member_id AND t.flow = w.flow AND t.subject = w.subject
        """,
        *_columns(places),
    )
    return dict.fromkeys(places, (0, 0, 0)) | _amounts(rows)


async def days_of(places: Collection[Place]) -> dict[Place, dict[date, tuple[int, int]]]:
    """The days of flows that rules look at through windows."""
    found: dict[Place, dict[date, tuple[int, int]]] = {place: {} for place in places}
    if not places:
        return found
    rows = await fetch(
        """
        SELECT t.member_id, t.flow, t.subject, t.day, t.n, t.rises
        FROM unnest($1::text::uuid[], $2::text::int[], $3::text::text[])
            AS w (member_id, flow, subject)
        JOIN day_in_flow t ON t.member_id = w.member_id AND t.flow = w.flow
            AND t.subject = w.subject
        WHERE t.n <> 0
        """,
        *_columns(places),
    )
    for row in rows:
        place = (row["member_id"], row["flow"], row["subject"])
        found[place][row["day"]] = (row["n"], row["rises"])
    return found


async def subjects_of(members_and_flows: Collection[tuple[UUID, int]]) -> dict[UUID, set[str]]:
    """The subjects of members that something ran to in these flows."""
    found: dict[UUID, set[str]] = defaultdict(set)
    if not members_and_flows:
        return found
    rows = await fetch(
        """
        SELECT DISTINCT t.member_id, t.subject
        FROM unnest($1::text::uuid[], $2::text::int[]) AS w (member_id, flow)
        JOIN tally t ON t.member_id = w.member_id AND t.flow = w.flow
        WHERE t.subject <> '' AND t.n > 0
        """,
        *_columns(members_and_flows),
    )
    for row in rows:
        found[row["member_id"]].add(row["subject"])
    return found


def _amounts(rows: Iterable[Any]) -> dict[Place, Amount]:
    return {
        (member_id, flow, subject): (n, total, rises)
        for member_id, flow, subject, n, total, rises in rows
    }


def _columns(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    # Sorted, so that transactions take rows in one order.
    return columns(sorted(rows))
