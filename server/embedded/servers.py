"""PostgreSQL and Valkey for a command: one's own, those that run already, or started for it."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self

import msgspec

from server.embedded.account import account_for_servers
from server.embedded.errors import DataInUse
from server.embedded.places import make_data_dir, servers_home
from server.embedded.postgres import Postgres
from server.embedded.processes import Process
from server.embedded.record import Lock, Record
from server.embedded.running import Running, end
from server.embedded.valkey import Valkey

DATABASE_URL = "DATABASE_URL"
DATABASE_OWNER_URL = "DATABASE_OWNER_URL"
REDIS_URL = "REDIS_URL"
# A first start makes the database, and a machine may be slow.
PATIENCE = 60.0


class Servers:
    """The two servers that a command uses."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self.addresses = dict(addresses)

    @classmethod
    def given(cls, environment: Mapping[str, str]) -> Self:
        """Those that the environment names. An owner is one of its database."""
        names = [DATABASE_URL, REDIS_URL]
        if environment.get(DATABASE_URL):
            names.append(DATABASE_OWNER_URL)
        return cls({name: environment[name] for name in names if environment.get(name)})

    @property
    def database_url(self) -> str:
        return self.addresses[DATABASE_URL]

    @property
    def owner_url(self) -> str:
        """The same database as its tables' owner, or as anybody if there is but one role."""
        return self.addresses[self.owned_by]

    @property
    def owned_by(self) -> str:
        """The setting that leads to the owner."""
        return DATABASE_OWNER_URL if DATABASE_OWNER_URL in self.addresses else DATABASE_URL

    @property
    def redis_url(self) -> str:
        return self.addresses[REDIS_URL]

    @property
    def complete(self) -> bool:
        return {DATABASE_URL, REDIS_URL} <= self.addresses.keys()

    def revive(self) -> list[str]:
        """Start again those of ours that died; return their names."""
        return []


class OwnServers(Servers):
    """Servers of which this process runs at least one."""

    def __init__(self, given: Servers, data_dir: Path, *, stays: bool, durable: bool) -> None:
        super().__init__(given.addresses)
        self._data_dir = data_dir
        account = account_for_servers(data_dir)
        home = servers_home(data_dir, account)
        self._running: dict[str, Running] = {}
        if DATABASE_URL not in self.addresses:
            postgres = Postgres(home, account, durable=durable)
            self._running[DATABASE_URL] = Running(postgres, data_dir)
        if REDIS_URL not in self.addresses:
            self._running[REDIS_URL] = Running(Valkey(home, account), data_dir)
        self._record = Record(owner=Process.this(), stays=stays)

    def start(self) -> None:
        """Clear away what a killed predecessor left, and start."""
        previous = Record.read(self._data_dir)
        for process in previous.servers.values() if previous else ():
            # The kernel told it to stop when its parent died.
            end(process, asked=True)
        self._note()
        for name, running in self._running.items():
            running.server.prepare()
            running.start()
            self.addresses[name] = running.url
            if isinstance(running.server, Postgres):
                self.addresses[DATABASE_OWNER_URL] = running.server.owner_url(running.port)
            self._note()
        self._note(addresses=self.addresses)

    def revive(self) -> list[str]:
        dead = [running for running in self._running.values() if running.has_ended]
        for running in dead:
            running.start_again()
        if dead:
            self._note(addresses=self.addresses)
        return [running.server.name for running in dead]

    def stop(self) -> None:
        for running in reversed(self._running.values()):
            running.stop()
        self._record.remove(self._data_dir)

    def _note(self, addresses: Mapping[str, str] | None = None) -> None:
        servers = {
            running.server.name: running.child.process
            for running in self._running.values()
            if running.child
        }
        record = msgspec.structs.replace(
            self._record, servers=servers, addresses=dict(addresses or {})
        )
        record.write(self._data_dir)


@contextmanager
def servers(
    data_dir: Path,
    *,
    stays: bool = False,
    durable: bool = True,
    environment: Mapping[str, str] = os.environ,
) -> Iterator[Servers]:
    """PostgreSQL and Valkey for the length of the block.

    Those named by `DATABASE_URL` and `REDIS_URL` are used as they are. The others are those of
    a command that runs on the same data folder, or are started here. One who `stays` wants
    servers of its own. Call it in the main thread: the servers stop when that thread ends.
    """
    given = Servers.given(environment)
    if given.complete:
        yield given
        return
    data_dir = make_data_dir(data_dir)
    with (
        closing(Lock(data_dir / "owner.lock")) as ownership,
        closing(Lock(data_dir / "users.lock")) as use,
    ):
        found = _attached_or_nobodys(data_dir, given, ownership, use, stays=stays)
        if found is not None:
            yield found
            return
        own = OwnServers(given, data_dir, stays=stays, durable=durable)
        try:
            own.start()
            yield own
            if not stays:
                # Others may have joined; their work isn't cut off.
                use.alone()
        finally:
            own.stop()


def _attached_or_nobodys(
    data_dir: Path, given: Servers, ownership: Lock, use: Lock, *, stays: bool
) -> Servers | None:
    """The servers that somebody else runs here, or nothing when the ownership is ours."""
    deadline = time.monotonic() + PATIENCE
    while not ownership.try_alone():
        record = Record.read(data_dir)
        if stays and record and record.stays and record.is_live():
            raise DataInUse(f"Ambassade is running on {data_dir} already. Stop it first (Ctrl-C).")
        if not stays and (attached := _attached(data_dir, given, use)):
            return attached
        if time.monotonic() > deadline:
            raise DataInUse(
                f"Another command has been using {data_dir} for {PATIENCE:.0f} s. "
                "Wait until it has finished, or name another folder with --data-dir."
            )
        time.sleep(0.1)
    return None


def _attached(data_dir: Path, given: Servers, use: Lock) -> Servers | None:
    """The live servers of another command, which now waits for us before it stops them."""
    if not use.try_shared():
        return None
    # Read only now: before, they might have been about to stop.
    record = Record.read(data_dir)
    if record is None or not record.is_live():
        return None
    running = dict(record.addresses)
    if DATABASE_URL in given.addresses:
        running.pop(DATABASE_OWNER_URL, None)
    found = Servers(running | given.addresses)
    return found if found.complete else None
