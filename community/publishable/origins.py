"""Which sites show something with a key of ours."""

from ground.engine import fetch


async def origins_in_use() -> frozenset[str]:
    """The origins that working keys welcome."""
    rows = await fetch(
        "SELECT DISTINCT unnest(origins) AS origin FROM publishable_key WHERE revoked_at IS NULL"
    )
    return frozenset(row["origin"] for row in rows)
