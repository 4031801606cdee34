"""At most so many requests in any window: exact in Valkey, or in this process while it is away."""

import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from importlib import resources

import msgspec
from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from ground import valkey
from ground.gathering import Gatherer
from server.metrics import LOCAL_LIMITS

# An outage costs this once, those who ask at its beginning.
PATIENCE_SECONDS = 1.0
WINDOW_SECONDS = 60
MOST_LOCAL_KEYS = 10_000
AT_ONCE = 200
MOST_WAITING = 10_000

_SOURCE = resources.files("server.middleware").joinpath("sliding_window.lua").read_text()


class Verdict(msgspec.Struct, frozen=True):
    """What a limit says: `wait` is how long until one more is admitted, or the window moves."""

    admitted: bool
    remaining: int
    wait: float


class LocalWindows:
    """The same count in this process alone. Remembers the most recent callers only."""

    def __init__(self) -> None:
        self._admitted: OrderedDict[str, deque[float]] = OrderedDict()

    def admit(self, key: str, limit: int, now: float) -> Verdict:
        """Count a request."""
        moments = self._admitted.setdefault(key, deque())
        self._admitted.move_to_end(key)
        if len(self._admitted) > MOST_LOCAL_KEYS:
            self._admitted.popitem(last=False)
        while moments and moments[0] <= now - WINDOW_SECONDS:
            moments.popleft()
        wait = moments[0] + WINDOW_SECONDS - now if moments else float(WINDOW_SECONDS)
        if len(moments) >= limit:
            return Verdict(admitted=False, remaining=0, wait=wait)
        moments.append(now)
        return Verdict(admitted=True, remaining=limit - len(moments), wait=wait)


class Windows:
    """Counts in Valkey for all processes together, with this process's share as a fallback.

    Requests that come at the same time are counted in one round trip, each on its own.
    """

    def __init__(self, processes: int = 1) -> None:
        self.processes = processes
        self.local = LocalWindows()
        self._gatherer = Gatherer(self._admit, at_once=AT_ONCE, waiting=MOST_WAITING)
        self._scripts: dict[int, AsyncScript] = {}

    async def admit(self, key: str, limit: int) -> Verdict:
        """Count a request against a limit."""
        [verdict] = await self._gatherer.do([(f"limit:{key}", limit)])
        return verdict

    async def _admit(self, asked: Sequence[tuple[str, int]]) -> list[Verdict]:
        keys = [key for key, _ in asked]
        limits = [limit for _, limit in asked]
        try:
            answers = await valkey.ask(
                lambda client: self._script(client)(
                    keys=keys, args=[WINDOW_SECONDS * 1_000_000, *limits]
                ),
                within=PATIENCE_SECONDS,
            )
        except valkey.ValkeyAway:
            LOCAL_LIMITS.inc(len(asked))
            now = time.monotonic()
            shares = [max(1, limit // self.processes) for limit in limits]
            return [self.local.admit(*each, now) for each in zip(keys, shares, strict=True)]
        return [
            Verdict(admitted=bool(admitted), remaining=remaining, wait=wait / 1_000_000)
            for admitted, remaining, wait in answers
        ]

    def _script(self, client: Redis) -> AsyncScript:
        if id(client) not in self._scripts:
            self._scripts = {id(client): client.register_script(_SOURCE)}
        return self._scripts[id(client)]
