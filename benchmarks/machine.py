"""What processes use, as Linux counts it."""

import os
import resource
from pathlib import Path
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")
KIB_A_MIB = 1024
FILES = 65_536


class Memory(NamedTuple):
    """What a process holds in memory, now and at most so far, in MiB."""

    resident: float
    peak: float


def processor_seconds(pid: int, *, with_children: bool = False) -> float:
    """The processor time of a process; on demand with all that it started, also what ended."""
    fields = _stat(pid)
    if not fields:
        return 0.0
    # utime and stime, and the same of children that have ended.
    seconds = sum(map(int, fields[11 : 15 if with_children else 13])) / TICKS
    if with_children:
        seconds += sum(processor_seconds(child) for child in _children(pid))
    return seconds


def parent_of(pid: int) -> int:
    """Who started a process."""
    return int(_stat(pid)[1])


def memory(pid: int) -> Memory:
    """The resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines)
    resident, peak = (int(values[name].split()[0]) / KIB_A_MIB for name in ("VmRSS", "VmHWM"))
    return Memory(resident, peak)


def allow_many_sockets() -> None:
    """Let this process and all that it starts open as many as they may."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), most))


def load_average() -> float:
    """How many processes wanted to run, in the mean of the last minute."""
    return round(os.getloadavg()[0], 2)


def _children(pid: int) -> list[int]:
    folders = Path("/proc").glob("[0-9]*")
    return [each for each in (int(folder.name) for folder in folders) if _is_child(each, pid)]


def _is_child(pid: int, parent: int) -> bool:
    fields = _stat(pid)
    return bool(fields) and int(fields[1]) == parent


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold anything; none when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def own() -> int:
    """This process."""
    return os.getpid()
