"""Taking turns where two transactions at once would miss each other's effect."""

from ground.engine import execute


async def one_at_a_time(what: str) -> None:
    """Wait until no other transaction does the same. Held until the transaction ends."""
    await execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", what)
