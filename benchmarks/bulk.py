"""Writing millions of rows: without indexes meanwhile, and without triggers."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import asyncpg

from benchmarks.progress import said_if_long
from ground.engine import execute, fetch
from ground.unit_of_work import unit_of_work

INDEXES = """
SELECT c.conrelid::regclass::text AS table, quote_ident(c.conname) AS name,
       pg_get_constraintdef(c.oid) AS definition, true AS is_constraint
FROM pg_constraint c WHERE c.contype = 'u' AND c.conrelid = ANY($1::regclass[])
UNION ALL
SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid),
       false
FROM pg_index i
WHERE i.indrelid = ANY($1::regclass[]) AND NOT i.indisprimary
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


@asynccontextmanager
async def in_bulk(tables: Collection[str]) -> AsyncIterator[None]:
    """One transaction in which these tables have neither indexes nor triggers."""
    async with unit_of_work():
        await execute("SET LOCAL session_replication_role = replica")
        await execute("SET LOCAL maintenance_work_mem = '512MB'")
        await execute("SET LOCAL work_mem = '256MB'")
        indexes = await fetch(INDEXES, list(tables))
        for index in indexes:
            await execute(_dropping(index))
        yield
        for index in indexes:
            with said_if_long(f"index {index['name']}"):
                await execute(_making(index))


def _dropping(index: asyncpg.Record) -> str:
    if index["is_constraint"]:
        return f"ALTER TABLE {index['table']} DROP CONSTRAINT {index['name']}"
    return f"DROP INDEX {index['name']}"


def _making(index: asyncpg.Record) -> str:
    if index["is_constraint"]:
        return f"ALTER TABLE {index['table']} ADD CONSTRAINT {index['name']} {index['definition']}"
    return str(index["definition"])
