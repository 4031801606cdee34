"""The load: a process of its own that sends requests made before, and reads the clock.

It speaks HTTP/1.1 over connections that stay open, and looks at each answer just enough to know
that it is what it should be. `benchmarks.calls` talks to it.
"""

import asyncio
import sys
from collections.abc import Iterator
from itertools import cycle
from time import perf_counter, process_time
from typing import BinaryIO

import msgspec
import uvloop

OK = b"200"
UNAVAILABLE = b"503"
HEAD_ENDS = b"\r\n\r\n"
LENGTH = b"content-length:"
MOST_KEPT = 3


class Plan(msgspec.Struct, kw_only=True):
    """What to send, and what each answer has to be."""

    port: int
    requests: list[bytes]
    connections: int
    # Nothing is sent after so many seconds; what is under way is waited for.
    seconds: float
    # So many a second, whether or not those before were answered in time; 0 is as fast as it goes.
    # Time counts from the moment at which each should have been sent.
    a_second: float = 0.0
    # Whether requests are sent again and again.
    again: bool = False
    # What an answer holds, and how often.
    needle: bytes = b""
    times: int = 0


class Outcome(msgspec.Struct, kw_only=True):
    """What came of it."""

    seconds: float
    done: int
    # Milliseconds, of the good answers only.
    latencies: list[float]
    # How many were told to try again in a moment (503): nothing was done for them.
    refused: int
    # How many answers weren't good for another reason, and the first of them.
    failed: int
    failures: list[bytes]
    processor_seconds: float
    answer: bytes


class Load:
    """All connections together."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.waiting: Iterator[bytes] = cycle(plan.requests) if plan.again else iter(plan.requests)
        self.began = self.until = 0.0
        self.sent = 0
        self.running = plan.connections
        self.ended = asyncio.Event()
        self.latencies: list[float] = []
        self.refused = self.failed = 0
        self.failures: list[bytes] = []
        self.answer = b""

    async def run(self, connections: list["Connection"]) -> Outcome:
        """Send until the time or the requests are over."""
        began, used = perf_counter(), process_time()
        self.began, self.until = began, began + self.plan.seconds
        for connection in connections:
            connection.send()
        await self.ended.wait()
        return Outcome(
            seconds=perf_counter() - began,
            done=len(self.latencies),
            latencies=self.latencies,
            refused=self.refused,
            failed=self.failed,
            failures=self.failures,
            processor_seconds=process_time() - used,
            answer=self.answer,
        )

    def due_at(self, now: float) -> float:
        """When the next request is to be sent."""
        if not self.plan.a_second:
            return now
        self.sent += 1
        return self.began + (self.sent - 1) / self.plan.a_second

    def answered(self, head: bytes, body: bytes, seconds: float) -> None:
        """Note an answer."""
        plan = self.plan
        status = head[9:12]
        if status == UNAVAILABLE:
            self.refused += 1
            return
        if status == OK and (not plan.times or body.count(plan.needle) == plan.times):
            self.latencies.append(seconds * 1000)
            self.answer = body
            return
        self.failed += 1
        if len(self.failures) < MOST_KEPT:
            self.failures.append(head + HEAD_ENDS + body[:2000])

    def one_less(self) -> None:
        """A connection has nothing more to do."""
        self.running -= 1
        if not self.running:
            self.ended.set()


class Connection(asyncio.Protocol):
    """One connection: the next request follows the answer to the one before."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.received = b""
        self.wanted = 0
        self.body_at = 0
        self.is_done = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def send(self) -> None:
        """Send the next request when its time has come, if it is not too late."""
        now = perf_counter()
        self.sent_at = self.load.due_at(now)
        if self.sent_at > now and self.sent_at < self.load.until:
            loop = asyncio.get_running_loop()
            loop.call_later(self.sent_at - now, self._send)
        else:
            self._send()

    def _send(self) -> None:
        request = next(self.load.waiting, None) if self.sent_at < self.load.until else None
        if request is None:
            self._end()
        else:
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received = self.received + data if self.received else data
        if not self.wanted:
            end = self.received.find(HEAD_ENDS)
            if end < 0:
                return
            self.body_at = end + len(HEAD_ENDS)
            self.wanted = self.body_at + length_in(self.received[:end])
        if len(self.received) >= self.wanted:
            head = self.received[: self.body_at - len(HEAD_ENDS)]
            body = self.received[self.body_at : self.wanted]
            self.received, self.wanted = b"", 0
            self.load.answered(head, body, perf_counter() - self.sent_at)
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.is_done:
            self.load.failed += 1
            self.load.failures.append(f"the connection was lost: {exc}".encode())
            self._end()

    def _end(self) -> None:
        if not self.is_done:
            self.is_done = True
            self.transport.close()
            self.load.one_less()


def length_in(head: bytes) -> int:
    """The length of the body that a head announces."""
    at = head.lower().find(LENGTH)
    if at < 0:
        raise ValueError("an answer says no content-length")
    return int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0])


async def main(given: BinaryIO, told: BinaryIO) -> None:
    """Read the plan, connect, say so, wait for a byte, and tell the outcome."""
    size = int.from_bytes(given.read(8), "big")
    plan = msgspec.msgpack.decode(given.read(size), type=Plan)
    load, loop = Load(plan), asyncio.get_running_loop()
    connections = []
    for _ in range(plan.connections):
        _, connection = await loop.create_connection(
            lambda: Connection(load), "127.0.0.1", plan.port
        )
        connections.append(connection)
    told.write(b"r")
    told.flush()
    given.read(1)
    told.write(msgspec.msgpack.encode(await load.run(connections)))
    told.flush()


if __name__ == "__main__":
    uvloop.run(main(sys.stdin.buffer, sys.stdout.buffer))
