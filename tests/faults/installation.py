"""A whole installation of real processes, to be killed, frozen and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from server.embedded.account import account_for_servers
from server.embedded.places import PROJECT, servers_home
from server.embedded.postgres import Postgres
from server.embedded.running import Running, free_port
from server.embedded.valkey import Valkey
from tests.servers import empty_data_dir, remove_data_dir

SECONDS_TO_START = 60.0


class Installation:
    """PostgreSQL that keeps what it acknowledges, Valkey, an API and a worker."""

    def __init__(self, folder: Path) -> None:
        account = account_for_servers(folder)
        home = servers_home(folder, account)
        self.folder = folder
        self.postgres = Running(Postgres(home, account, durable=True), folder)
        self.valkey = Running(Valkey(home, account), folder)
        self.logs: list[Path] = []
        self._started: dict[str, subprocess.Popen[bytes]] = {}
        self.port = free_port()
        self.live_port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        return owner_url(self.postgres)

    @property
    def environment(self) -> dict[str, str]:
        """Of our processes. Nobody meets a limit, and what is logged can be read."""
        limits = ("READS", "WRITES", "INGESTIONS", "SIGN_INS", "FAILURES")
        return os.environ | {
            "ENVIRONMENT": "test",
            "DATABASE_URL": self.postgres.url,
            "DATABASE_OWNER_URL": self.database_url,
            "REDIS_URL": self.valkey.url,
            "LOG_LEVEL": "info",
            "LIVE_URL": f"ws://127.0.0.1:{self.live_port}/live",
            "LIVE_STRANGERS_PER_ADDRESS": "10000",
            **{f"{name}_PER_MINUTE": "1000000" for name in limits},
        }

    def start(self) -> None:
        """Start everything, with the tables of this version."""
        for running in (self.postgres, self.valkey):
            running.server.prepare()
            running.start()
        self.command("migrate", "--only-tables")
        self.start_api()
        self.start_worker()

    def start_api(self) -> None:
        self._start("api", "api", "--port", str(self.port))
        self.wait_until_ready()

    def start_other_api(self, code: Path) -> str:
        """Start an API of other code, beside; give its address."""
        port = free_port()
        self._start("other api", "api", "--port", str(port), code=code)
        self.wait_until_ready(f"http://127.0.0.1:{port}")
        return f"http://127.0.0.1:{port}"

    def start_worker(self) -> None:
        self._start("worker", "worker")

    def start_live(self) -> None:
        self._start("live", "live", "--port", str(self.live_port))
        self.wait_until_ready(f"http://127.0.0.1:{self.live_port}")

    def wait_until_ready(self, url: str | None = None) -> None:
        """Wait until an API says that it is."""
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if httpx.get(f"{url or self.url}/health/ready").status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the API isn't ready:\n{self.said()[-3000:]}")

    def command(self, *arguments: str) -> str:
        """What a command of ours says, which must succeed."""
        ended = subprocess.run(
            [sys.executable, "-m", "server", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def said(self) -> str:
        """What our processes logged."""
        return "\n".join(log.read_text(errors="replace") for log in self.logs)

    def has(self, name: str) -> bool:
        """Whether a process of ours was started, and has not ended."""
        return name in self._started and self._started[name].poll() is None

    def process(self, name: str) -> psutil.Process:
        """The API or the worker."""
        return psutil.Process(self._started[name].pid)

    def kill(self, name: str) -> None:
        """`kill -9`, and bury it."""
        self._started[name].kill()
        self._started[name].wait()

    def kill_api(self) -> None:
        self.kill("api")
        self.start_api()

    def kill_worker(self) -> None:
        self.kill("worker")
        self.start_worker()

    def kill_live(self) -> None:
        self.kill("live")
        self.start_live()

    def kill_valkey(self) -> None:
        kill_all(self.valkey)
        self.valkey.start_again()

    def kill_postgres(self) -> None:
        kill_all(self.postgres)
        self.postgres.start_again()
        self.wait_until_ready()

    def stop(self) -> None:
        for process in self._started.values():
            process.kill()
            process.wait()
        for running in (self.valkey, self.postgres):
            resume(running)
            running.stop()

    def _start(self, name: str, *arguments: str, code: Path = PROJECT) -> None:
        log = self.folder / f"{name}-{len(self.logs)}.log"
        self.logs.append(log)
        with log.open("wb") as output:
            self._started[name] = subprocess.Popen(
                [sys.executable, "-m", "server", *arguments],
                env=self.environment,
                cwd=code,
                stdout=output,
                stderr=output,
            )


@contextmanager
def installed() -> Iterator[Installation]:
    """An installation for a while."""
    folder = empty_data_dir()
    installation = Installation(folder)
    try:
        installation.start()
        yield installation
    finally:
        installation.stop()
        remove_data_dir(folder)


def owner_url(running: Running) -> str:
    """PostgreSQL's address for who may do everything."""
    assert isinstance(running.server, Postgres)
    of_owner = getattr(running.server, "owner_url", running.server.url)
    return str(of_owner(running.port))


def tree_of(running: Running) -> list[psutil.Process]:
    """A server's process and those below it, its own first: it then makes no more."""
    assert running.child is not None
    own = psutil.Process(running.child.process.pid)
    return [own, *own.children(recursive=True)]


def kill_all(running: Running) -> None:
    """`kill -9` to a server and all its processes at once."""
    for process in tree_of(running):
        _send(process, signal.SIGKILL)
    assert running.child is not None
    running.child.stop(grace=5)


def freeze(running: Running) -> None:
    """Let a server stand still: its connections stay open, and nobody is answered."""
    for process in tree_of(running):
        _send(process, signal.SIGSTOP)


def resume(running: Running) -> None:
    """Let it go on."""
    if running.child is not None and running.child.exit_code is None:
        for process in tree_of(running):
            _send(process, signal.SIGCONT)


def _send(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
