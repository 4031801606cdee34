"""A server that runs: started on a free port, awaited, started again when it died, stopped."""

import socket
import time
from pathlib import Path
from signal import SIGKILL, SIGQUIT
from typing import BinaryIO

from server.embedded.errors import DidNotStart
from server.embedded.postgres import Postgres
from server.embedded.processes import Child, Process
from server.embedded.valkey import Valkey

LOG_BYTES = 5_000_000
TRIES = 3


class Running:
    """One server and its process."""

    def __init__(self, server: Postgres | Valkey, logs: Path, *, patience: float = 60) -> None:
        self.server = server
        self.port = 0
        self.child: Child | None = None
        self._log_path = logs / f"{server.program}.log"
        self._patience = patience

    @property
    def url(self) -> str:
        return self.server.url(self.port)

    @property
    def has_ended(self) -> bool:
        return self.child is not None and self.child.exit_code is not None

    def start(self) -> None:
        """Start on a free port; on another one if somebody is faster to take it."""
        for left in reversed(range(TRIES)):
            self.port = free_port()
            try:
                return self.start_again()
            except DidNotStart:
                if left == 0 or is_free(self.port):
                    raise
        return None

    def start_again(self) -> None:
        """Start on the same port, where its clients look for it."""
        end(self.server.leftover())
        with self._log() as output:
            self.child = self.server.start(self.port, output)
        deadline = time.monotonic() + self._patience
        while not self.server.is_ready(self.child, self.port):
            if self.child.exit_code is not None or time.monotonic() > deadline:
                self.stop()
                raise DidNotStart(
                    f"{self.server.name} did not start. The end of {self._log_path}:\n"
                    + "\n".join(self._log_path.read_text(errors="replace").splitlines()[-15:])
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it in order, or at once when that takes too long."""
        if self.child is not None:
            self.child.ask_to_stop()
            end(self.child.process, asked=True, grace=self.server.seconds_to_stop)
            self.child.stop(grace=1)

    def _log(self) -> BinaryIO:
        self._log_path.touch(mode=0o600)
        too_long = self._log_path.stat().st_size > LOG_BYTES
        return self._log_path.open("wb" if too_long else "ab")


def end(process: Process | None, *, asked: bool = False, grace: float = 10) -> None:
    """End a server: wait if it was asked to stop, then insist, then kill."""
    if process is None or (asked and process.gone_within(grace)):
        return
    # PostgreSQL stops at once on SIGQUIT and recovers at the next start; Valkey ends on it.
    process.send(SIGQUIT)
    if not process.gone_within(2):
        process.send(SIGKILL)
        process.gone_within(2)


def free_port() -> int:
    """A port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
