"""Child processes that die with their parent, and process ids that can be trusted."""

import ctypes
import os
import platform
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

import msgspec

from server.embedded.account import Account

PR_SET_PDEATHSIG = 1
LINUX = platform.system() == "Linux"
LIBC = ctypes.CDLL(None) if LINUX else None
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Waits until its standard input ends, which it does when the parent is gone.
WATCHMAN = 'read -r _; kill -"$1" "$2"'


class Process(msgspec.Struct, frozen=True):
    """A process by its id and its birth: an id alone may have been given to another since."""

    pid: int
    birth: str

    @classmethod
    def of(cls, pid: int) -> "Process | None":
        """The process that has this id now. One that only waits to be buried is gone."""
        birth = _birth(pid)
        return None if birth is None else cls(pid, birth)

    @classmethod
    def this(cls) -> "Process":
        """The one that asks."""
        return cls(os.getpid(), _birth(os.getpid()) or "")

    def runs(self) -> bool:
        """Whether this very process is still there."""
        return _birth(self.pid) == self.birth

    def send(self, signal_number: int) -> None:
        """Signal the process, unless it is gone."""
        if self.runs():
            try:
                os.kill(self.pid, signal_number)
            except ProcessLookupError:
                return

    def gone_within(self, seconds: float) -> bool:
        """Wait until it is gone; return whether it is."""
        deadline = time.monotonic() + seconds
        while self.runs():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def _birth(pid: int) -> str | None:
    if LINUX:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        # The name in brackets may hold anything, so count from its end.
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else f"{BOOT_ID.read_text().strip()}:{fields[19]}"
    state, _, started = _ps("stat=,lstart=", pid).partition(" ")
    return None if not started or state.startswith("Z") else started.strip()


def command_line(pid: int) -> str:
    """The program and arguments that a process was started with; empty if it is gone."""
    if LINUX:
        try:
            return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        except OSError:
            return ""
    return _ps("command=", pid)


def _ps(fields: str, pid: int) -> str:
    answer = subprocess.run(
        ["/bin/ps", "-ww", "-o", fields, "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip()


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run, and how it wants to be run."""

    command: Sequence[str | Path]
    stop_signal: int = signal.SIGTERM
    # What it gets when its parent is gone.
    death_signal: int = signal.SIGKILL
    account: Account | None = None
    environment: Mapping[str, str] | None = None
    # What it reads from its standard input.
    given: bytes = b""
    sockets: Sequence[int] = ()


class Child:
    """A program that ends when this process does, however that ends.

    It has a process group of its own, so that Ctrl-C reaches only the one who started it.
    """

    def __init__(self, program: Program, output: BinaryIO | None = None) -> None:
        self._stop_signal = program.stop_signal
        self._popen = subprocess.Popen(
            program.command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=program.environment,
            process_group=0,
            pass_fds=program.sockets,
            preexec_fn=_dies_with_parent(program.death_signal),
            **(program.account.popen_arguments() if program.account else {}),
        )
        # One that has ended already says why through its exit code and output.
        with suppress(BrokenPipeError), cast(IO[bytes], self._popen.stdin) as stdin:
            stdin.write(program.given)
        self.process = Process.of(self._popen.pid) or Process(self._popen.pid, "gone")
        self._watchman = None if LIBC else _watchman(self._popen.pid, program.death_signal)

    @property
    def exit_code(self) -> int | None:
        """Its exit code if it has ended."""
        code = self._popen.poll()
        if code is not None:
            self._dismiss_watchman()
        return code

    def stop(self, grace: float) -> None:
        """Ask it to stop, and end it when the time of grace is over."""
        self.ask_to_stop()
        try:
            self._popen.wait(grace)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._dismiss_watchman()

    def ask_to_stop(self) -> None:
        """Send its stop signal, without waiting."""
        if self._popen.poll() is None:
            self._popen.send_signal(self._stop_signal)

    def _dismiss_watchman(self) -> None:
        if self._watchman is not None:
            # Before the process id can be given to somebody else.
            self._watchman.kill()
            self._watchman.wait()
            if self._watchman.stdin:
                self._watchman.stdin.close()
            self._watchman = None


def _dies_with_parent(death_signal: int) -> Callable[[], None] | None:
    """What the child runs first, on Linux: a change of user would undo it if it came later."""
    if LIBC is None:
        return None
    parent, prctl = os.getpid(), LIBC.prctl

    def ask_the_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel


def _watchman(pid: int, death_signal: int) -> subprocess.Popen[bytes]:
    """A shell that signals `pid` when this process ends, where the kernel can't."""
    return subprocess.Popen(
        ["/bin/sh", "-c", WATCHMAN, "sh", str(int(death_signal)), str(pid)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
