"""The embedded Valkey. It keeps nothing on disk: all it holds can be made again."""

import secrets
import socket
from pathlib import Path
from typing import BinaryIO

from server.embedded.account import Account
from server.embedded.binaries import valkey_server
from server.embedded.processes import Child, Process, Program

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
save ""
appendonly no
daemonize no
logfile ""
databases 16
"""


class Valkey:
    """Valkey in memory, with a password of this start."""

    name = "Valkey"
    program = "valkey-server"
    seconds_to_stop = 1.0

    def __init__(self, home: Path, account: Account) -> None:
        self.folder = home / "valkey"
        self.account = account
        self.executable = valkey_server(account)
        self.password = secrets.token_urlsafe(24)

    def prepare(self) -> None:
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700)
            self.account.receive(self.folder)

    def start(self, port: int, output: BinaryIO) -> Child:
        """Start it as a child in the foreground. Its password is on no command line."""
        configuration = CONFIGURATION.format(port=port, password=self.password, folder=self.folder)
        program = Program(
            command=[self.executable, "-"],
            account=self.account,
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            given=configuration.encode(),
        )
        return Child(program, output)

    def is_ready(self, _child: Child, port: int) -> bool:
        """Whether it answers, and knows our password."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return connection.recv(64).startswith(b"+OK")
        except OSError:
            return False

    def url(self, port: int) -> str:
        return f"redis://:{self.password}@127.0.0.1:{port}/0"

    def leftover(self) -> Process | None:
        """None: what an older one holds is of no use, and the record names its process."""
        return None
