"""The embedded PostgreSQL: how it is made, started, and known to be ready."""

import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import BinaryIO

from server.embedded.account import Account
from server.embedded.binaries import postgres_folder
from server.embedded.errors import DidNotStart, OtherVersion
from server.embedded.processes import Child, Process, Program, command_line

# Who owns the database, and who the API and the worker are in it.
OWNER = DATABASE = "ambassade"
APPLICATION = "ambassade_app"
# An error ends the single-user mode, which would only print it and go on. No password is said.
STRICT = ("-c", "exit_on_error=on", "-c", "log_min_error_statement=panic")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
# One machine, two cores, other programs beside it.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "cluster_name": "ambassade",
    "fsync": "on",
}
# For tests: data that nobody misses after a power cut.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """PostgreSQL on a folder of its own."""

    name = "PostgreSQL"
    program = "postgres"
    seconds_to_stop = 3.0

    def __init__(self, home: Path, account: Account, *, durable: bool) -> None:
        self.folder = home / "postgres"
        self.account = account
        self.programs = postgres_folder(account)
        self.settings = SETTINGS if durable else SETTINGS | FORGETFUL

    def prepare(self) -> None:
        """Make the cluster if there is none. An interrupted attempt leaves nothing behind."""
        if self.folder.exists():
            self._check_version()
            return
        unfinished = self.folder.with_suffix(".unfinished")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        self.account.receive(unfinished)
        password = self._new_password(unfinished / "password")
        cluster = unfinished / "cluster"
        self._initdb(cluster, password)
        self._tell(cluster, f"CREATE DATABASE {DATABASE};")
        self._let_application_in(cluster)
        password.rename(cluster / "password")
        cluster.rename(self.folder)
        unfinished.rmdir()

    def start(self, port: int, output: BinaryIO) -> Child:
        """Start it as a child in the foreground."""
        if not (self.folder / "application-password").exists():
            # Made by an earlier version, for which the owner did everything.
            self._let_application_in(self.folder)
        environment = ENVIRONMENT | self._past_a_recycled_pid()
        settings = [
            f"--{name}={value}" for name, value in (self.settings | {"port": str(port)}).items()
        ]
        program = Program(
            command=[self.programs / "postgres", "-D", self.folder, *settings],
            # Fast shutdown: cut the clients off and write everything down.
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            account=self.account,
            environment=environment,
        )
        return Child(program, output)

    def is_ready(self, child: Child, _port: int) -> bool:
        """Whether this child says so in its pid file."""
        lines = self._pid_file()
        return len(lines) > 7 and lines[0] == str(child.process.pid) and lines[7].strip() == "ready"

    def url(self, port: int) -> str:
        """Where the application is led to: to a role that owns nothing."""
        return self._url(APPLICATION, "application-password", port)

    def owner_url(self, port: int) -> str:
        """The same for migrations, which make and own the tables."""
        return self._url(OWNER, "password", port)

    def _url(self, role: str, kept_in: str, port: int) -> str:
        password = (self.folder / kept_in).read_text()
        return f"postgresql://{role}:{password}@127.0.0.1:{port}/{DATABASE}"

    def leftover(self) -> Process | None:
        """A server that still runs on this folder, whoever started it."""
        pid = self._noted_pid()
        if pid is None or f"-D {self.folder}" not in command_line(pid):
            return None
        return Process.of(pid)

    def _past_a_recycled_pid(self) -> dict[str, str]:
        """Keep PostgreSQL from taking another program, given a dead server's id, for that server.

        It believes no id that is its own, its parent's, or this one (as `pg_ctl` does it), and
        goes on to check that no process holds the old server's shared memory.
        """
        pid = self._noted_pid()
        return {} if pid is None else {"PG_GRANDPARENT_PID": str(pid)}

    def _noted_pid(self) -> int | None:
        lines = self._pid_file()
        return int(lines[0]) if lines and lines[0].isdecimal() else None

    def _pid_file(self) -> list[str]:
        try:
            return (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _check_version(self) -> None:
        made_by = (self.folder / "PG_VERSION").read_text().strip()
        this = self._run("postgres", "--version").split()[-1]
        if this.partition(".")[0] != made_by:
            raise OtherVersion(
                f"The data in {self.folder} were made by PostgreSQL {made_by}, and this is {this}. "
                "Move them with pg_dump, or name another folder with --data-dir."
            )

    def _initdb(self, cluster: Path, password: Path) -> None:
        self._run(
            "initdb",
            "--pgdata",
            cluster,
            f"--username={OWNER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        )

    def _let_application_in(self, cluster: Path) -> None:
        """Make the application's role. Cut off anywhere, it can be done again."""
        password = self._new_password(cluster / "application-password.unfinished")
        self._tell(
            cluster,
            f"DO $$BEGIN IF to_regrole('{APPLICATION}') IS NULL THEN CREATE ROLE {APPLICATION}; "
            f"END IF; END$$;\nALTER ROLE {APPLICATION} LOGIN PASSWORD '{password.read_text()}';",
        )
        password.rename(cluster / "application-password")

    def _new_password(self, path: Path) -> Path:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
        self.account.receive(path)
        return path

    def _tell(self, cluster: Path, statements: str) -> None:
        """Run statements, one a line, while no server runs."""
        self._run("postgres", "--single", *STRICT, "-D", cluster, "postgres", say=statements)

    def _run(self, program: str, *arguments: str | Path, say: str = "") -> str:
        ended: subprocess.CompletedProcess[str] = subprocess.run(
            [self.programs / program, *arguments],
            input=say,
            capture_output=True,
            text=True,
            check=False,
            env=ENVIRONMENT | self._past_a_recycled_pid(),
            **self.account.popen_arguments(),
        )
        if ended.returncode:
            raise DidNotStart(f"{program} failed:\n{ended.stderr.strip()}")
        return ended.stdout.strip()
