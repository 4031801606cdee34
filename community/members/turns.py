"""Taking turns where two transactions at once would miss each other's effect."""

from typing import Final

from ground.engine import execute

MOVES: Final = "members:moves"


async def one_at_a_time(what: str) -> None:
    """Wait until no other transaction does the same. Held until the transaction ends."""
    await execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", what)


async def nobody_moves() -> None:
    """Keep members from being merged until the transaction ends.

    Who resolves a member and then credits them takes this first; otherwise an entry could
    land on an account just after everything was moved away from it.
    """
    await execute("SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))", MOVES)


async def move_alone() -> None:
    """Wait for everybody who holds `nobody_moves()`, and keep new ones waiting."""
    await one_at_a_time(MOVES)
