"""The user the embedded servers run as: an ordinary one, never root."""

import os
import pwd
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from server.embedded.errors import NoAccount

UNPRIVILEGED = ("nobody", "daemon", "postgres")


class Account(NamedTuple):
    """A system user."""

    uid: int
    gid: int

    def popen_arguments(self) -> dict[str, Any]:
        """What makes `subprocess` run a program as this user, if that isn't who we are."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "cwd": "/"}

    def receive(self, path: Path) -> None:
        """Hand a file or folder that we made over to this user."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user gets as far as this folder. Only trying tells (lists, mounts)."""
        return self.can_run("/bin/sh", "-c", 'cd "$1"', "sh", folder)

    def can_run(self, *command: str | Path) -> bool:
        """Whether a program works for this user."""
        try:
            ended = subprocess.run(
                command, check=False, capture_output=True, **self.popen_arguments()
            )
        except PermissionError:
            return False
        return ended.returncode == 0


def account_for_servers(data_dir: Path) -> Account:
    """Who runs the servers: we do, or for root the data's owner, or an unprivileged user."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    owner = data_dir.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in UNPRIVILEGED:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_uid, user.pw_gid)
    raise NoAccount(
        "PostgreSQL doesn't run as root, and this system has no user "
        + " or ".join(UNPRIVILEGED)
        + ". Add one, or set DATABASE_URL and REDIS_URL to servers of your own."
    )
