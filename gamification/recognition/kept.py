"""The tables that follow from the ledger, as they are kept: read and mended page by page."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from gamification.recognition.expected import Rows
from ground.engine import execute, fetch


class Kept(NamedTuple):
    """A table whose rows follow from the ledger."""

    name: str
    key: dict[str, str]
    values: dict[str, str]
    only: str = "true"
    fixed: str = ""

    def reading(self) -> str:
        columns = ", ".join([*self.key, *self.values])
        return (
            f"SELECT {columns} FROM {self.name} "  # noqa: S608 - names from this module only
            f"WHERE member_id = ANY($1::uuid[]) AND ({self.only})"
        )

    def mending(self) -> str:
        """Insert one right row, or make it right."""
        columns = [*self.key, *self.values]
        types = [*self.key.values(), *self.values.values()]
        numbers = ", ".join(f"${n}::{type_}" for n, type_ in enumerate(types, 1))
        rights = ", ".join(f"{column} = excluded.{column}" for column in self.values)
        extra, constant = self.fixed.split("=") if self.fixed else ("", "")
        more, value = (f", {extra}", f", {constant}") if extra else ("", "")
        return (
            f"INSERT INTO {self.name} ({', '.join(columns)}{more}) "  # noqa: S608
            f"VALUES ({numbers}{value}) ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {rights}"
        )

    def removing(self) -> str:
        """Delete one wrong row."""
        tests = " AND ".join(f"{c} = ${n}::{t}" for n, (c, t) in enumerate(self.key.items(), 1))
        return f"DELETE FROM {self.name} WHERE {tests}"  # noqa: S608


MEMBER = {"member_id": "uuid"}
FLOW = {**MEMBER, "flow": "int", "subject": "text"}

KEPT = (
    Kept(
        "standing",
        MEMBER,
        {"points": "bigint", "entries": "bigint", "last_active_day": "date", "streaks": "jsonb"},
        "entries > 0",
    ),
    Kept("active_day", {**MEMBER, "day": "date"}, {"n": "int"}, "n > 0"),
    Kept(
        "board_points",
        {"scope": "text", "period": "text", **MEMBER},
        {"points": "bigint"},
        "points <> 0",
        "revision=1",
    ),
    Kept(
        "day_tally",
        {
            **MEMBER,
            "kind": "text",
            "local_day": "date",
            "programme_day": "date",
            "bucket": "smallint",
        },
        {"worth": "bigint"},
        "worth <> 0",
    ),
    Kept(
        "tally",
        FLOW,
        {"n": "bigint", "total": "bigint", "rises": "bigint"},
        "n <> 0 OR total <> 0 OR rises <> 0",
    ),
    Kept(
        "day_in_flow",
        {**FLOW, "day": "date"},
        {"n": "bigint", "rises": "bigint"},
        "n <> 0 OR rises <> 0",
    ),
    Kept("value_in_flow", {**FLOW, "value": "text"}, {"n": "bigint"}, "n > 0"),
    Kept(
        "award",
        {**MEMBER, "badge": "text", "subject": "text", "season": "text"},
        {
            "awarded_at": "timestamptz",
            "version": "int",
            "through": "text",
            "entries": "bigint[]",
            "hand": "bigint",
            "taken_back_at": "timestamptz",
        },
        "taken_back_at IS NULL OR hand IS NOT NULL",
        "recorded_at=now()",
    ),
    Kept(
        "tier_held",
        {**MEMBER, "tier": "text"},
        {
            "reached_at": "timestamptz",
            "lapses_at": "timestamptz",
            "version": "int",
            "entries": "bigint[]",
            "spared": "bool",
        },
        "true",
        "recorded_at=now()",
    ),
)
BY_NAME = {kept.name: kept for kept in KEPT}


async def read(member_ids: Collection[UUID], now: datetime) -> Rows:
    """What the tables hold for members. A tier whose grace is over is none, even if still there."""
    rows: Rows = {}
    for kept in KEPT:
        width = len(kept.key)
        rows[kept.name] = {
            tuple(row)[:width]: tuple(map(_plain, tuple(row)[width:]))
            for row in await fetch(kept.reading(), list(member_ids))
        }
    tiers = rows["tier_held"]
    rows["tier_held"] = {
        key: values for key, values in tiers.items() if values[1] is None or values[1] > now
    }
    return rows


def _plain(value: object) -> object:
    """Streaks as values, so that spelling doesn't matter; those of no day at all as none."""
    if isinstance(value, str) and value.startswith("{"):
        streaks: dict[str, dict[str, int]] = msgspec.json.decode(value)
        return streaks if any(streak["best"] for streak in streaks.values()) else None
    return value


async def mend(table: str, key: Iterable[Any], values: tuple[Any, ...] | None) -> None:
    """Make one row as it should be, or remove it."""
    kept = BY_NAME[table]
    if values is None:
        await execute(kept.removing(), *key)
        return
    given = [
        msgspec.json.encode(value).decode() if isinstance(value, dict) else value
        for value in values
    ]
    await execute(kept.mending(), *key, *given)
