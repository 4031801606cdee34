"""What the API acknowledged is there, whatever happens to the API (I1, I2, I4)."""

import asyncio
import os
import random
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from community.keys import service as keys
from community.keys.scopes import Scope
from community.members.importing import ImportedPerson, import_members
from gamification.catalogue.publishing import publish
from gamification.recognition import replay
from server.cli.operator import operator
from tests.gamification.programme import JOINED, catalogue

pytestmark = pytest.mark.long

PEOPLE = ["alice", "bob", "chiara"]
SENDERS = 6
ROUNDS = 4


@pytest.fixture
async def key(database) -> str:
    """The secret of a shop's key, in a programme with three members."""
    await publish(catalogue(), to_the_past=True)
    found = await import_members(
        "shop", [ImportedPerson(external_id=name, known_since=JOINED) for name in PEOPLE]
    )
    assert len(found) == len(PEOPLE)
    return (await keys.create("Shop", "shop", [Scope.ACTIVITIES_WRITE], by=operator())).secret


class Api:
    """One API process, to be killed and started again on the same port."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = os.environ | {
            "ENVIRONMENT": "development",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "INGESTIONS_PER_MINUTE": "1000000",
            "LOG_LEVEL": "error",
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "server", "api", "--port", str(self.port)]
        self.process = subprocess.Popen(command, env=self.environment)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("the API didn't start")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


def batch_of(sender: int, number: int) -> list[dict[str, object]]:
    """A batch, always the same for the same sender and number."""
    chance = random.Random(f"{sender}-{number}")
    return [
        {
            "key": f"{sender}-{number}-{place}",
            "member": f"external:shop:{chance.choice(PEOPLE)}",
            "kind": chance.choice(["post", "comment", "vote"]),
            "subject": f"post:{chance.randrange(20)}",
            "occurred_at": f"2026-10-{chance.randint(10, 28)}T{chance.randint(10, 23)}:00:00Z",
        }
        for place in range(chance.choice([1, 5, 40]))
    ]


class Sender:
    """Sends batches until told to stop, and remembers what was acknowledged."""

    def __init__(self, url: str, key: str, number: int, stop: threading.Event) -> None:
        self.url, self.key, self.number, self.stop = url, key, number, stop
        self.next = 0
        self.acknowledged: dict[str, str] = {}

    def run(self) -> None:
        with httpx.Client(base_url=self.url, headers={"X-API-Key": self.key}, timeout=10) as client:
            while not self.stop.is_set():
                self._send(client)

    def _send(self, client: httpx.Client) -> None:
        body = {"activities": batch_of(self.number, self.next)}
        try:
            answer = client.post(
                "/v1/activities",
                json=body,
                headers={"Idempotency-Key": f"batch-{self.number}-{self.next}"},
            )
        except httpx.TransportError:
            time.sleep(0.05)
            return
        if answer.status_code == 200:
            for result in answer.json()["results"]:
                self.acknowledged[result["key"]] = result["status"]
            self.next += 1


async def test_what_was_acknowledged_before_a_kill_is_in_the_ledger(key, database_url, redis_url):
    api, stop = Api(database_url, redis_url), threading.Event()
    api.start()
    senders = [Sender(api.url, key, number, stop) for number in range(SENDERS)]
    with ThreadPoolExecutor(SENDERS) as pool:
        running = [pool.submit(sender.run) for sender in senders]
        for _ in range(ROUNDS):
            await asyncio.sleep(1.5)
            api.kill()
            api.start()
        stop.set()
        for each in running:
            each.result(timeout=30)
    api.kill()

    # Every answer, also one that was lost and asked for again, says "recorded" and not
    # "duplicate": the idempotency key gave the same answer twice.
    assert {status for each in senders for status in each.acknowledged.values()} == {"recorded"}
    acknowledged = [key for sender in senders for key in sender.acknowledged]
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT key FROM ledger_entry").fetchall()
        recorded = [row[0] for row in rows]
    assert len(acknowledged) > 100
    assert set(acknowledged) <= set(recorded)
    assert len(recorded) == len(set(recorded))
    assert await replay.check() == []
