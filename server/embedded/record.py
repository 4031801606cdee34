"""Who runs the servers of a data folder: a lock that the kernel releases, and a note beside it."""

import fcntl
import os
from pathlib import Path
from typing import Self

import msgspec

from server.embedded.errors import NotOurData
from server.embedded.processes import Process


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of the lock notes for those who come after."""

    owner: Process
    # Whether the owner stays (`run`), or goes when its command is done.
    stays: bool = False
    servers: dict[str, Process] = {}
    # The settings that lead to them, once they are ready.
    addresses: dict[str, str] = {}

    @classmethod
    def read(cls, data_dir: Path) -> Self | None:
        try:
            return msgspec.json.decode((data_dir / "record.json").read_bytes(), type=cls)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def write(self, data_dir: Path) -> None:
        """Replace the note as a whole. It holds passwords, so it is ours alone."""
        unfinished = data_dir / "record.unfinished"
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(msgspec.json.encode(self))
        unfinished.rename(data_dir / "record.json")

    def remove(self, data_dir: Path) -> None:
        """Forget it: nothing runs any more."""
        (data_dir / "record.json").unlink(missing_ok=True)

    def is_live(self) -> bool:
        """Whether the one who wrote this and every server in it still run."""
        return self.owner.runs() and all(server.runs() for server in self.servers.values())


class Lock:
    """A lock on a file, gone with the process that holds it, however that ends."""

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError as error:
            raise NotOurData(
                f"{path.parent} belongs to another user. "
                "Run as that user, or name another folder with --data-dir."
            ) from error

    def try_alone(self) -> bool:
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        return self._try(fcntl.LOCK_SH)

    def alone(self) -> None:
        """Wait until nobody else holds it."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def close(self) -> None:
        """Release it."""
        os.close(self._descriptor)

    def _try(self, how: int) -> bool:
        try:
            fcntl.flock(self._descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
