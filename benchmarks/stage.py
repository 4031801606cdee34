"""What a benchmark runs on: its own servers, a migrated database, and what is served from it."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, NamedTuple
from unittest import mock

import httpx
import msgspec

from benchmarks import machine
from benchmarks.community import SCORED, SOURCE
from community.charter.service import publish_first
from community.keys import service as keys
from community.keys.scopes import Scope
from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from ground.engine import close_pool, connect_to, execute, fetch, fetchval, open_pool
from ground.programme import keep_time_of
from ground.valkey import client, close_valkey, open_valkey
from server.cli.operator import operator
from server.config import Settings
from server.embedded import postgres
from server.embedded.running import free_port
from server.embedded.servers import servers

HERE: Final = Path(__file__).parent
EXAMPLE: Final = HERE.parent / "examples" / "stackexchange" / "catalogue.toml"
HOUSE: Final = HERE / "house.toml"
# Nobody meets a limit, and every call is counted against one all the same.
LIMITED: Final = ("READS", "WRITES", "INGESTIONS", "SIGN_INS", "SITE_READS", "SITE_KEY_READS")
LIMITS: Final = {f"{name}_PER_MINUTE": "100000000" for name in LIMITED} | {
    "LIVE_STRANGERS_PER_ADDRESS": "1000000"
}
STATEMENTS: Final = "pg_stat_statements"
# What a kind is worth where activities are worth something.
WORTH: Final = {"points": 2, "daily_cap": 20}


class Processor(NamedTuple):
    """Seconds of processor time that were used so far."""

    api: float
    postgres: float
    valkey: float


class Served(NamedTuple):
    """An application that answers."""

    port: int
    pid: int


class Stage(NamedTuple):
    """Where the benchmark plays."""

    environment: dict[str, str]
    key: str
    postmaster: int
    valkey: int

    @property
    def database_url(self) -> str:
        """As the owner: what is measured beside the product makes tables of its own."""
        return self.environment["DATABASE_OWNER_URL"]

    def used(self, served: Served) -> Processor:
        """What everybody used so far."""
        return Processor(
            machine.processor_seconds(served.pid),
            self.used_by_postgres(),
            machine.processor_seconds(self.valkey),
        )

    def used_by_postgres(self) -> float:
        """What all of PostgreSQL's processes used so far."""
        return machine.processor_seconds(self.postmaster, with_children=True)

    def product(self) -> AbstractContextManager[Served]:
        """The API as it is served."""
        return serve(["server", "api", "--port"], "/health/ready", self.environment)

    def live(self, port: int | None = None) -> AbstractContextManager[Served]:
        """The process that holds sockets, as it is served."""
        command = [sys.executable, "-m", "server", "live", "--port"]
        return serving(command, "/health/ready", self.environment, port=port)

    @contextmanager
    def worker(self, **more: str) -> Iterator[int]:
        """A worker; it says nothing when it is ready."""
        command = [sys.executable, "-m", "server", "worker"]
        process = subprocess.Popen(command, env=self.environment | more)
        try:
            yield process.pid
        finally:
            end(process)

    def naive(self) -> AbstractContextManager[Served]:
        """The API with a transaction for each call."""
        command = ["benchmarks.serving", "benchmarks.naive:create_app"]
        return serve(command, "/health/ready", self.environment)

    def profiled(self, file: Path) -> AbstractContextManager[Served]:
        """The API, writing a profile into a file when it ends."""
        command = ["benchmarks.profiled", str(file), "--port"]
        return serve(command, "/health/ready", self.environment)

    def bare(self, **more: str) -> AbstractContextManager[Served]:
        """Routes that only answer."""
        command = ["benchmarks.serving", "benchmarks.bare:create_app"]
        return serve(command, "/", self.environment | more)


@asynccontextmanager
async def stage(data_dir: Path) -> AsyncIterator[Stage]:
    """Servers with fsync on, and catalogues in force."""
    library = {"shared_preload_libraries": STATEMENTS}
    with (
        mock.patch.dict(postgres.SETTINGS, library),
        servers(data_dir, environment={}) as found,
    ):
        environment = os.environ | found.addresses | LIMITS
        environment |= {"ENVIRONMENT": "development", "LOG_LEVEL": "warning"}
        migrate(environment)
        keep_time_of(Settings.from_environment(environment).programme_time_zone)
        # Who owns the tables may do what the application may not, such as write in bulk.
        connect_to(found.addresses.get("DATABASE_OWNER_URL", found.database_url))
        await open_pool(patient=True)
        open_valkey(found.redis_url)
        try:
            yield await furnished(environment)
        finally:
            await close_valkey()
            await close_pool()


async def furnished(environment: dict[str, str]) -> Stage:
    """Publish what is recognised, and let a system in."""
    await execute(f"CREATE EXTENSION {STATEMENTS}")
    await count_statements(on=False)
    await publish_first()
    await publish(read_toml(HOUSE.read_bytes()), to_the_past=True)
    await publish(read_toml(EXAMPLE.read_bytes()), to_the_past=True, prefix=SOURCE)
    made = await keys.create("Benchmark", SOURCE, [Scope.ACTIVITIES_WRITE], by=operator())
    backend = await fetchval("SELECT pg_backend_pid()")
    information = await client().info("server")
    return Stage(environment, made.secret, machine.parent_of(backend), information["process_id"])


async def publish_scored() -> None:
    """Let the same kinds be there a second time, worth points, with rules of their own."""
    example = read_toml(EXAMPLE.read_bytes())
    await publish(worth_something(example), to_the_past=True, prefix=SCORED)


def worth_something(file: CatalogueFile) -> CatalogueFile:
    """The same catalogue with points and daily caps, so that boards and days are kept as well."""
    kinds = [msgspec.structs.replace(kind, **WORTH) for kind in file.kind]
    return msgspec.structs.replace(file, kind=kinds)


async def count_statements(*, on: bool) -> None:
    """Let PostgreSQL count statements from now on, or spare it the trouble."""
    track = "top" if on else "none"
    await execute(f"ALTER SYSTEM SET {STATEMENTS}.track = {track}")
    await execute("SELECT pg_reload_conf()")
    # Backends read it before their next statement.
    await asyncio.sleep(0.3)
    if on:
        await execute(f"SELECT {STATEMENTS}_reset()")


class Statement(NamedTuple):
    """What ran since counting began, how often, and for how long in all."""

    query: str
    calls: int
    milliseconds: float


async def counted_statements() -> list[Statement]:
    """What ran since counting began, but for what counting itself takes."""
    rows = await fetch(
        "SELECT query, sum(calls)::bigint AS calls, sum(total_exec_time) AS milliseconds"
        " FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'"
        " AND query NOT LIKE '%pg_reload_conf%' GROUP BY query ORDER BY milliseconds DESC"
    )
    return [Statement(" ".join(row[0].split()), row[1], row[2]) for row in rows]


def migrate(environment: dict[str, str]) -> None:
    """Make the tables."""
    command = [sys.executable, "-m", "server", "migrate", "--only-tables"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def serve(
    module: list[str], probe: str, environment: dict[str, str]
) -> AbstractContextManager[Served]:
    """One process of ours that serves an application, when it is ready."""
    return serving([sys.executable, "-m", *module], probe, environment)


@contextmanager
def serving(
    command: list[str],
    probe: str,
    environment: dict[str, str],
    folder: Path | None = None,
    port: int | None = None,
) -> Iterator[Served]:
    """One process that is told its port last, when it answers."""
    port = port or free_port()
    process = subprocess.Popen([*command, str(port)], env=environment, cwd=folder)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}{probe}", process)
        yield Served(port, process.pid)
    finally:
        end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Let a process end, or make it."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait for an answer that isn't a failure, at most half a minute."""
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"what should answer {url} has ended: {process.returncode}")
        try:
            if httpx.get(url).status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} doesn't get ready")
