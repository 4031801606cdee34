"""What a benchmark runs on: its own servers, a migrated database, and the API as it is served."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from benchmarks.community import SOURCE, START
from community.keys import service as keys
from community.keys.scopes import Scope
from community.members.importing import ImportedPerson, import_members
from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from ground.engine import close_pool, connect_to, execute, open_pool
from ground.valkey import close_valkey, open_valkey
from server.cli.operator import operator
from server.embedded.servers import servers

EXAMPLE = Path(__file__).parent.parent / "examples" / "stackexchange" / "catalogue.toml"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = 5_000


class Processor(NamedTuple):
    """Seconds of processor time that were used."""

    api: float
    postgres: float


class Stage(NamedTuple):
    """Where the benchmark plays."""

    database_url: str
    url: str
    key: str
    api_pid: int

    async def take_part(self, names: list[str]) -> None:
        """Let people take part."""
        people = [ImportedPerson(external_id=name, known_since=START) for name in names]
        for start in range(0, len(people), PAGE):
            await import_members(SOURCE, people[start : start + PAGE])
        await execute("ANALYZE")

    def processor_seconds(self) -> Processor:
        """What the API and PostgreSQL used so far."""
        postgres = [pid for pid, name in running() if name.startswith("postgres")]
        return Processor(used(self.api_pid), sum(map(used, postgres)))


def running() -> Iterator[tuple[int, str]]:
    """The processes of this machine, by name."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "comm").read_text().strip()
        except OSError:
            continue


def used(pid: int) -> float:
    """The processor time of a process; none when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


@asynccontextmanager
async def stage(data_dir: Path) -> AsyncIterator[Stage]:
    """Servers with fsync on, the example's catalogue in force, and one API process."""
    with servers(data_dir) as found:
        environment = os.environ | found.addresses
        environment |= {"ENVIRONMENT": "development", "INGESTIONS_PER_MINUTE": "1000000"}
        environment |= {"LOG_LEVEL": "warning"}
        migrate(environment)
        connect_to(found.database_url)
        await open_pool(patient=True)
        open_valkey(found.redis_url)
        try:
            catalogue = read_toml(EXAMPLE.read_bytes())
            await publish(catalogue, to_the_past=True, prefix=SOURCE)
            made = await keys.create("Benchmark", SOURCE, [Scope.ACTIVITIES_WRITE], by=operator())
            with api(environment) as (url, pid):
                yield Stage(found.database_url, url, made.secret, pid)
        finally:
            await close_valkey()
            await close_pool()


def migrate(environment: dict[str, str]) -> None:
    """Make the tables."""
    subprocess.run(
        [sys.executable, "-m", "server", "migrate", "--only-tables"], env=environment, check=True
    )


@contextmanager
def api(environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    """One API process, when it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "server", "api", "--port", str(port)]
    process = subprocess.Popen(command, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(20)


def wait_until_ready(url: str) -> None:
    """Wait for the API, at most half a minute."""
    for _ in range(300):
        try:
            if httpx.get(f"{url}/health/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the API doesn't get ready")
