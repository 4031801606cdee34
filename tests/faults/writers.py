"""Clients that write without pause and remember what was acknowledged."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec

# Instead of a status, where nobody answered.
NOBODY = 0


class Acknowledged(msgspec.Struct, frozen=True):
    """A call that was answered with 200, and what it was answered."""

    idempotency_key: str
    sent: dict[str, Any]
    answer: bytes
    results: list[dict[str, Any]]


class Writer:
    """Sends batches one after the other, each until it is acknowledged."""

    def __init__(self, url: str, key: str, people: Sequence[str], number: int):
        self.url, self.key, self.people, self.number = url, key, people, number
        self.acknowledged: list[Acknowledged] = []
        self.reversed: list[str] = []
        self.other: dict[int, int] = {}

    def run(self, stop: threading.Event) -> None:
        headers = {"X-API-Key": self.key}
        with httpx.Client(base_url=self.url, headers=headers, timeout=30) as client:
            while not stop.is_set():
                self._write(client)

    def _write(self, client: httpx.Client) -> None:
        number = len(self.acknowledged)
        sent = {"activities": batch_of(self.number, number, self.people)}
        key = f"batch-{self.number}-{number}"
        answer = self._ask(client, "POST", "/v1/activities", sent, {"Idempotency-Key": key})
        if answer is None:
            return
        results = answer.json()["results"]
        self.acknowledged.append(Acknowledged(key, sent, answer.content, results))
        if number % 5 == 0:
            reversal = f"/v1/activities/{results[0]['id']}/reversal"
            if self._ask(client, "PUT", reversal, {}, {}) is not None:
                self.reversed.append(results[0]["id"])

    def _ask(
        self, client: httpx.Client, method: str, path: str, sent: Any, headers: dict[str, str]
    ) -> httpx.Response | None:
        """The answer if it was 200. Anything else is counted, and worth another try."""
        try:
            answer = client.request(method, path, json=sent, headers=headers)
        except httpx.TransportError:
            self.other[NOBODY] = self.other.get(NOBODY, 0) + 1
            time.sleep(0.05)
            return None
        if answer.status_code == 200:
            return answer
        self.other[answer.status_code] = self.other.get(answer.status_code, 0) + 1
        time.sleep(0.05)
        return None


def acknowledged(writers: Sequence[Writer]) -> int:
    """How many calls of theirs were."""
    return sum(len(writer.acknowledged) for writer in writers)


def batch_of(writer: int, number: int, people: Sequence[str]) -> list[dict[str, object]]:
    """A batch, always the same for the same writer and number."""
    chance = random.Random(f"{writer}-{number}")
    return [
        {
            "key": f"{writer}-{number}-{place}",
            "member": chance.choice(people),
            "kind": chance.choice(["post", "comment", "vote"]),
            "subject": f"post:{chance.randrange(20)}",
            "occurred_at": f"2026-10-{chance.randint(10, 28)}T{chance.randint(10, 23)}:00:00Z",
        }
        for place in range(chance.choice([1, 5, 40]))
    ]


@contextmanager
def writing(
    url: str, key: str, people: Sequence[str], *, at_once: int = 6
) -> Iterator[list[Writer]]:
    """Write for the length of the block, and let each finish what it is at."""
    stop = threading.Event()
    writers = [Writer(url, key, people, number) for number in range(at_once)]
    with ThreadPoolExecutor(at_once) as pool:
        running = [pool.submit(writer.run, stop) for writer in writers]
        try:
            yield writers
        finally:
            stop.set()
        for each in running:
            each.result(timeout=60)
