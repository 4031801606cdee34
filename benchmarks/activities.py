"""Activities a second, end to end over HTTP, beside a loop that only inserts the same rows."""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

import asyncpg
import httpx
import msgspec

from benchmarks.community import Community
from benchmarks.stage import Stage

BATCH = 1_000
CONNECTIONS = 2

Bodies = list[bytes]


class Measured(msgspec.Struct, kw_only=True):
    """A figure beside its limit, from one run."""

    what: str
    members: int
    activities: int
    per_second: float
    limit: str
    limit_per_second: float
    api_cpu_us: float
    postgres_cpu_us: float

    @property
    def ratio(self) -> float:
        return self.per_second / self.limit_per_second


async def measure(stage: Stage, members: int, batches: int) -> Measured:
    """Send batches over HTTP, then insert the very same rows by hand."""
    community = Community(members)
    await stage.take_part(community.names)
    warm_up = encoded(community, 2)
    bodies = encoded(community, batches)
    await send(stage, warm_up)
    before = stage.processor_seconds()
    seconds = await send(stage, bodies)
    after = stage.processor_seconds()
    recorded = batches * BATCH
    bare = await insert_by_hand(stage.database_url, recorded)
    return Measured(
        what="POST /v1/activities, 1,000 a call",
        members=members,
        activities=recorded,
        per_second=recorded / seconds,
        limit="asyncpg loop that only inserts the rows",
        limit_per_second=recorded / bare,
        api_cpu_us=(after.api - before.api) / recorded * 1e6,
        postgres_cpu_us=(after.postgres - before.postgres) / recorded * 1e6,
    )


def encoded(community: Community, batches: int) -> Bodies:
    """The bodies of calls, made before the clock starts."""
    return [json.dumps({"activities": community.batch(BATCH)}).encode() for _ in range(batches)]


async def send(stage: Stage, bodies: Bodies) -> float:
    """Send the calls over a few connections. Return how long it took."""
    waiting = list(reversed(bodies))
    headers = {"X-API-Key": stage.key, "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=stage.url, headers=headers, timeout=60) as client:

        async def one_connection() -> None:
            while waiting:
                answer = await client.post("/v1/activities", content=waiting.pop())
                refuse_failures(answer)

        started = time.perf_counter()
        await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))
        return time.perf_counter() - started


def refuse_failures(answer: httpx.Response) -> None:
    """A figure counts only if every activity was recorded."""
    if answer.status_code != httpx.codes.OK:
        raise RuntimeError(f"{answer.status_code}: {answer.text[:500]}")
    wrong = [each for each in answer.json()["results"] if each["status"] != "recorded"]
    if wrong:
        raise RuntimeError(f"not recorded: {wrong[:3]}")


async def insert_by_hand(database_url: str, rows: int) -> float:
    """Insert the newest rows of the ledger into a table like it. Return how long it took."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "DROP TABLE IF EXISTS bare_entry;"
            " CREATE TABLE bare_entry (LIKE ledger_entry INCLUDING ALL)"
        )
        columns = [
            row["name"]
            for row in await connection.fetch(
                "SELECT attname AS name FROM pg_attribute"
                " WHERE attrelid = 'bare_entry'::regclass AND attnum > 0 ORDER BY attnum"
            )
        ]
        types = [
            row["type"]
            for row in await connection.fetch(
                "SELECT format_type(atttypid, null) AS type FROM pg_attribute"
                " WHERE attrelid = 'bare_entry'::regclass AND attnum > 0 ORDER BY attnum"
            )
        ]
        found = await connection.fetch("SELECT * FROM ledger_entry ORDER BY id DESC LIMIT $1", rows)
        batches = [
            list(map(list, zip(*map(tuple, found[start : start + BATCH]), strict=True)))
            for start in range(0, len(found), BATCH)
        ]
        arguments = ", ".join(f"${number}::{type_}[]" for number, type_ in enumerate(types, 1))
        insert = (
            f"INSERT INTO bare_entry ({', '.join(columns)}) "  # noqa: S608 - the table's own columns
            f"SELECT * FROM unnest({arguments})"
        )
        return await timed(connection, insert, batches)
    finally:
        await connection.execute("DROP TABLE IF EXISTS bare_entry")
        await connection.close()


async def timed(
    connection: "asyncpg.Connection[Any]", insert: str, batches: Sequence[list[list[Any]]]
) -> float:
    """One transaction a batch, as a careful hand would write it."""
    await connection.fetch("SELECT 1")
    started = time.perf_counter()
    for batch in batches:
        await connection.execute(insert, *batch)
    return time.perf_counter() - started
