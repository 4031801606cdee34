"""How pushing stands, for staff, and letting it go on."""

import msgspec

from ground import audit, clock
from ground.callers import Caller
from ground.engine import fetchval
from ground.unit_of_work import unit_of_work
from notifications.push import gate
from notifications.push.gate import Gate


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Each project's gate, and how many pushes haven't left."""

    gates: list[Gate]
    waiting: int


async def standing() -> Standing:
    """How it stands with all projects."""
    waiting = await fetchval(
        """
        SELECT count(*) FROM push_delivery
        WHERE state IN ('due', 'sending') AND expires_at > $1
        """,
        clock.now(),
    )
    return Standing(gates=await gate.known(), waiting=waiting)


async def resume(*, by: Caller) -> list[str]:
    """Send to everybody again. Gives the projects that were stopped or held."""
    async with unit_of_work():
        resumed = await gate.resume()
        for project in resumed:
            await audit.record(by, "push.resumed", subject=f"project:{project}")
    return resumed
