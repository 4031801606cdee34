"""What was announced, as PostgreSQL has it."""

from collections.abc import Mapping, Sequence
from typing import Final

from ground.engine import fetch
from ground.gathering import Gatherer
from notifications.announcements import history
from notifications.announcements.history import History

# Who missed more reads the snapshot, which costs less.
MOST_MISSED: Final = 500

STANDING: Final = """
SELECT channel, position, epoch FROM announcement_channel WHERE channel = ANY($1)
"""


class Archive:
    """Reads channels. Who opens some at the same time shares the question."""

    def __init__(self) -> None:
        self._gatherer = Gatherer(self._opened, at_once=1_000, waiting=20_000)

    async def opened(self, channel: str) -> tuple[int, str]:
        """Position and epoch of a channel, which is made if nobody ever heard it."""
        [standing] = await self._gatherer.do([channel])
        return standing

    async def standing(self, channels: Sequence[str]) -> Mapping[str, tuple[int, str]]:
        """Position and epoch of each channel that there is."""
        rows = await fetch(STANDING, list(channels))
        return {row["channel"]: (row["position"], row["epoch"]) for row in rows}

    async def missed(self, channel: str, after: int) -> History:
        """What was said in a channel after a position."""
        return await history.read(channel, after, MOST_MISSED)

    async def _opened(self, channels: Sequence[str]) -> list[tuple[int, str]]:
        known = dict(await self.standing(channels))
        for channel in channels:
            if channel not in known:
                found = await history.read(channel, None, 0)
                known[channel] = found.position, found.epoch
        return [known[channel] for channel in channels]
