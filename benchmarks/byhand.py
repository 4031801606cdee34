"""The limit of batches: the very same rows, inserted by a loop that does nothing else."""

import time
from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from benchmarks import machine
from benchmarks.figures import Figure, percentile
from benchmarks.stage import Stage

BATCH: Final = 1_000
EMPTY: Final = """
DROP TABLE IF EXISTS bare_entry;
CREATE TABLE bare_entry (LIKE ledger_entry INCLUDING ALL);
"""
COLUMNS: Final = """
SELECT quote_ident(attname) AS name, format_type(atttypid, NULL) AS type
FROM pg_attribute WHERE attrelid = 'bare_entry'::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""
NEWEST: Final = "SELECT * FROM ledger_entry WHERE reverses IS NULL ORDER BY id DESC LIMIT $1"


async def inserted_by_hand(stage: Stage, rows: int) -> Figure:
    """Insert the ledger's newest rows into an empty table like it, 1,000 a transaction."""
    connection = await asyncpg.connect(stage.database_url)
    try:
        await connection.execute(EMPTY)
        columns = await connection.fetch(COLUMNS)
        names = ", ".join(column["name"] for column in columns)
        arrays = ", ".join(f"${at}::{column['type']}[]" for at, column in enumerate(columns, 1))
        insert = f"INSERT INTO bare_entry ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608
        found = [tuple(row) for row in await connection.fetch(NEWEST, rows)]
        batches = [
            list(map(list, zip(*found[start : start + BATCH], strict=True)))
            for start in range(0, len(found), BATCH)
        ]
        return await _measured(stage, connection, insert, batches)
    finally:
        await connection.execute("DROP TABLE IF EXISTS bare_entry")
        await connection.close()


async def _measured(
    stage: Stage,
    connection: "asyncpg.Connection[Any]",
    insert: str,
    batches: Sequence[list[list[Any]]],
) -> Figure:
    statement = await connection.prepare(insert)
    used, mine = stage.used_by_postgres(), time.process_time()
    began = time.perf_counter()
    latencies = []
    for batch in batches:
        sent = time.perf_counter()
        await statement.fetch(*batch)
        latencies.append((time.perf_counter() - sent) * 1000)
    seconds = time.perf_counter() - began
    done = sum(len(batch[0]) for batch in batches)
    return Figure(
        what="asyncpg by hand, only the rows",
        done=done,
        each="activity",
        seconds=seconds,
        per_second=done / seconds,
        api_us=(time.process_time() - mine) / done * 1e6,
        postgres_us=(stage.used_by_postgres() - used) / done * 1e6,
        a_call=BATCH,
        statements_a_call=1,
        p50_ms=percentile(latencies, 0.5),
        p99_ms=percentile(latencies, 0.99),
        resident_mib=machine.memory(machine.own()).resident,
    )
