"""Reading what takes longer than requests usually may: for few callers, with its own limit."""

from typing import Any, Final

import asyncpg

from ground.engine import DB, execute
from ground.unit_of_work import unit_of_work

LONGEST: Final = "SET LOCAL statement_timeout = '20s'"
# The server gives up first, and says so.
PATIENCE_SECONDS: Final = 25.0


async def fetch_long(sql: str, *args: Any) -> list[asyncpg.Record]:
    """Rows of reviewed SQL that goes through all members, say. For staff and jobs."""
    async with unit_of_work():
        await execute(LONGEST)
        current = DB.current_transaction.get()
        if current is None:
            raise RuntimeError("a unit of work has a transaction")
        return list(await current.connection.fetch(sql, *args, timeout=PATIENCE_SECONDS))
