"""How often somebody may ask, counted in this process alone: one number for each."""

from collections import OrderedDict
from typing import Final

MINUTE: Final = 60.0
MOST_KNOWN: Final = 20_000


class Pace:
    """So many a minute for each, all at once or one by one.

    Kept is when somebody would be done if they asked evenly; who is a minute ahead waits.
    (The generic cell rate algorithm.)
    """

    def __init__(self, per_minute: int) -> None:
        self._step = MINUTE / per_minute
        self._done: OrderedDict[str, float] = OrderedDict()

    def wait(self, who: str, now: float) -> float:
        """Count a request: 0 if it is let in, else how many seconds are to wait."""
        done = max(self._done.get(who, now), now) + self._step
        ahead = done - now - MINUTE
        if ahead > 0:
            return ahead
        self._done[who] = done
        self._done.move_to_end(who)
        if len(self._done) > MOST_KNOWN:
            self._done.popitem(last=False)
        return 0.0
