"""Whether anything may be sent: one word for all workers, kept where none can forget it."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from ground import clock
from ground.engine import execute, fetch, fetchrow
from notifications.push.faults import Fault

HOLD: Final = """
INSERT INTO push_gate AS g (project, held_until, held_times, held_because)
VALUES ($1, $2, 1, $3)
ON CONFLICT (project) DO UPDATE SET
    held_until = GREATEST(g.held_until, excluded.held_until), held_because = excluded.held_because,
    held_times = g.held_times + 1
"""
STOP: Final = """
INSERT INTO push_gate AS g (project, stopped_at, stopped_because) VALUES ($1, $2, $3)
ON CONFLICT (project) DO UPDATE SET
    stopped_at = excluded.stopped_at, stopped_because = excluded.stopped_because
WHERE g.stopped_at IS NULL
RETURNING project
"""


class Gate(msgspec.Struct, frozen=True):
    """Whether a project may be sent to. `held_times` counts its troubles since something went."""

    project: str
    held_until: datetime | None = None
    held_times: int = 0
    held_because: str = ""
    stopped_at: datetime | None = None
    stopped_because: str = ""

    def waits(self, now: datetime) -> timedelta:
        """How long nobody sends; for ever, until somebody has looked, when it is stopped."""
        if self.stopped_at is not None:
            return timedelta.max
        return max((self.held_until or now) - now, timedelta())

    def says(self) -> str:
        """How it stands, in words for staff."""
        if self.stopped_at is not None:
            return f"stopped since {self.stopped_at:%Y-%m-%d %H:%M} UTC: {self.stopped_because}"
        return f"held until {self.held_until:%Y-%m-%d %H:%M:%S} UTC: {self.held_because}"


async def look(project: str) -> Gate:
    """How it stands with a project. Whoever is looked at once is known to staff from then on."""
    row = await fetchrow("SELECT * FROM push_gate WHERE project = $1", project)
    if row is not None:
        return msgspec.convert(dict(row), Gate)
    await execute("INSERT INTO push_gate (project) VALUES ($1) ON CONFLICT DO NOTHING", project)
    return Gate(project)


async def known() -> list[Gate]:
    """All projects that a worker has sent to, or tried to."""
    rows = await fetch("SELECT * FROM push_gate ORDER BY project")
    return [msgspec.convert(dict(row), Gate) for row in rows]


async def closed() -> list[Gate]:
    """The projects that nothing is sent to at present."""
    now = clock.now()
    return [each for each in await known() if each.waits(now)]


async def hold(project: str, wait: timedelta, because: Fault) -> None:
    """Let nobody send for a while."""
    await execute(HOLD, project, clock.now() + wait, because.value)


async def stop(project: str, because: Fault) -> bool:
    """Let nobody send until somebody has looked. Return whether that is new."""
    return await fetchrow(STOP, project, clock.now(), because.value) is not None


async def went(project: str) -> None:
    """Something was taken again: the troubles are over."""
    await execute(
        "UPDATE push_gate SET held_until = NULL, held_times = 0, held_because = ''"
        " WHERE project = $1 AND held_times > 0 AND COALESCE(held_until, $2) <= $2",
        project,
        clock.now(),
    )


async def resume() -> list[str]:
    """Let everybody send again. Gives the projects that were stopped or held."""
    rows = await fetch(
        """
        UPDATE push_gate SET held_until = NULL, held_times = 0, held_because = '',
            stopped_at = NULL, stopped_because = ''
        WHERE stopped_at IS NOT NULL OR held_until IS NOT NULL
        RETURNING project
        """
    )
    return sorted(row["project"] for row in rows)
