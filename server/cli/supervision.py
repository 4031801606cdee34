"""Children that are started again when they die, each time a little later."""

import time
from collections.abc import Sequence

import structlog

from server.embedded.errors import ServersError
from server.embedded.processes import Child, Program
from server.embedded.servers import Servers

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.2
SHORTEST_WAIT, LONGEST_WAIT = 0.5, 30.0
# One that ran as long as this has recovered: the next wait is short again.
RECOVERED_SECONDS = 60.0
# A little more than the time that the children give their requests and jobs.
GRACE_SECONDS = 10.5


class Patience:
    """How long to wait before the next try: twice as long each time."""

    def __init__(self) -> None:
        self._wait = SHORTEST_WAIT
        self._tried_at = 0.0
        self.next_try = 0.0

    def failed(self, now: float) -> float:
        """Note a failure; return the seconds until the next try."""
        if now - self._tried_at > RECOVERED_SECONDS:
            self._wait = SHORTEST_WAIT
        wait, self._wait = self._wait, min(self._wait * 2, LONGEST_WAIT)
        self.next_try = self._tried_at = now + wait
        return wait


class Kept:
    """One child, and its successors."""

    def __init__(self, name: str, program: Program) -> None:
        self.name = name
        self.child = Child(program)
        self._program = program
        self._patience = Patience()
        self._mourned = False

    def look(self, now: float) -> None:
        """Start it again if it has died and its time has come."""
        if self.child.exit_code is None:
            return
        if not self._mourned:
            wait = self._patience.failed(now)
            log.error("died", process=self.name, code=self.child.exit_code, again_in=wait)
            self._mourned = True
        if now >= self._patience.next_try:
            self.child, self._mourned = Child(self._program), False


def keep(children: Sequence[Kept], servers: Servers) -> None:
    """Look after children and servers, until a signal ends it."""
    patience = Patience()
    while True:
        now = time.monotonic()
        if now >= patience.next_try:
            try:
                for name in servers.revive():
                    log.error("started_again", process=name)
            except ServersError as error:
                log.error("not_started", error=str(error), again_in=patience.failed(now))  # noqa: TRY400
        for kept in children:
            kept.look(now)
        time.sleep(LOOK_SECONDS)


def stop(children: Sequence[Kept]) -> None:
    """Ask all to stop, then wait for each."""
    deadline = time.monotonic() + GRACE_SECONDS
    for kept in children:
        kept.child.ask_to_stop()
    for kept in children:
        kept.child.stop(grace=max(0.0, deadline - time.monotonic()))
