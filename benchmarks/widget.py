"""To be written."""

from benchmarks.figures import Found, Wishes


async def measured(wishes: Wishes) -> Found:
    return Found()
