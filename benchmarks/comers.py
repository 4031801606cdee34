"""Clients that were cut off and all come back at the same moment: a process of its own.

Each gets a ticket from the API, connects, says what it saw last, and is back when it has heard
everything that it missed. Who is turned away tries again a little later, as a client would.
"""

import asyncio
import random
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any, BinaryIO, Final

import msgspec
import uvloop

from benchmarks.lines import Line, Lost, masked
from benchmarks.load import length_in

PATIENCE: Final = 120.0
AT_ONCE: Final = 100


class Plan(msgspec.Struct, kw_only=True):
    """Where the API and the sockets are, and who comes."""

    api: int
    live: int
    channel: str
    tokens: list[str]


class Missed(msgspec.Struct, kw_only=True):
    """Where the channel is by now."""

    position: int


class Back(msgspec.Struct, kw_only=True):
    """How it went."""

    seconds: list[float] = []
    reloads: int = 0
    gaps: int = 0
    # How often a ticket was asked for.
    tries: int = 0
    failure: str = ""


class Comer:
    """One client."""

    def __init__(self, plan: Plan, token: str, back: Back) -> None:
        self.plan = plan
        self.token = token
        self.back = back
        self.position: int | None = None
        self.epoch = ""
        self.line = Line()

    async def come(self) -> None:
        """Be there; try again until it works."""
        while True:
            self.line = Line()
            try:
                await self._subscribe(await self._ticket())
            except (Lost, OSError, ValueError):
                self.line.close()
                await asyncio.sleep(random.uniform(0.1, 0.5))
            else:
                return

    async def come_back(self, until: int, began: float) -> None:
        """Be there with all that was missed."""
        await self.come()
        while (self.position or 0) < until:
            said = msgspec.json.decode(await self.line.said())
            if said["is"] == "reload":
                self.back.reloads += 1
                return
            self.back.gaps += said["position"] != (self.position or 0) + 1
            self.position = said["position"]
        self.back.seconds.append(perf_counter() - began)

    async def _ticket(self) -> str:
        self.back.tries += 1
        line = Line()
        try:
            await line.connect(self.plan.api)
            head = await line.ask(
                f"POST /v1/live/tickets HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n"
                f"authorization: Bearer {self.token}\r\n\r\n".encode()
            )
            body = await line.body(length_in(head))
        finally:
            line.close()
        if b" 201 " not in head.partition(b"\r\n")[0]:
            raise Lost(head.decode())
        return str(msgspec.json.decode(body)["ticket"])

    async def _subscribe(self, ticket: str) -> None:
        await self.line.connect(self.plan.live)
        await self.line.upgrade("/live", self.plan.live)
        await self._told({"do": "authenticate", "ticket": ticket}, "welcome")
        wish: dict[str, Any] = {"do": "subscribe", "channel": self.plan.channel}
        if self.position is not None:
            wish |= {"after": self.position, "epoch": self.epoch}
        said = await self._told(wish, "subscribed")
        self.epoch = said["epoch"]
        if self.position is None:
            self.position = said["position"]

    async def _told(self, command: dict[str, Any], answer: str) -> dict[str, Any]:
        await self.line.send(masked(msgspec.json.encode(command)))
        said: dict[str, Any] = msgspec.json.decode(await self.line.said())
        if said["is"] != answer:
            raise Lost(str(said))
        return said


async def main(given: BinaryIO, told: BinaryIO) -> None:
    """Come, say so, be cut off, and come back when told to."""

    def read(size: int) -> bytes:
        return given.read(int.from_bytes(given.read(size), "big"))

    def tell(back: Back) -> None:
        answer = msgspec.msgpack.encode(back)
        told.write(len(answer).to_bytes(8, "big") + answer)
        told.flush()

    plan = msgspec.msgpack.decode(read(8), type=Plan)
    back = Back()
    comers = [Comer(plan, token, back) for token in plan.tokens]
    gate = asyncio.Semaphore(AT_ONCE)

    async def come(comer: Comer) -> None:
        async with gate:
            await comer.come()

    back.failure = await _all(lambda: [come(comer) for comer in comers])
    tell(back)
    missed = msgspec.msgpack.decode(read(8), type=Missed)
    for comer in comers:
        comer.line.close()
    back.tries, began = 0, perf_counter()
    back.failure = await _all(lambda: [c.come_back(missed.position, began) for c in comers])
    tell(back)


async def _all(work: Callable[[], list[Any]]) -> str:
    """Let all do it at once; what went wrong, if so."""
    try:
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            for each in work():
                group.create_task(each)
    except TimeoutError:
        return f"not all were there after {PATIENCE:.0f} s"
    except ExceptionGroup as failures:
        return repr(failures.exceptions[0])
    return ""


if __name__ == "__main__":
    uvloop.run(main(sys.stdin.buffer, sys.stdout.buffer))
