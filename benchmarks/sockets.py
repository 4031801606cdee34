"""Talks to the process that holds all sockets."""

import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from benchmarks.calls import Failed
from benchmarks.listening import Connect, Done, Plan, Stream, Watch


class Listeners:
    """The process, and what it is told to do."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def do(self, order: Connect | Stream | Watch) -> Done:
        """Have something done, or say why it can't be."""
        await self.tell(order)
        return await self.answer()

    async def tell(self, said: Any) -> None:  # noqa: ANN401 - a plan or an order
        """Say it, without waiting for what comes of it."""
        written = msgspec.msgpack.encode(said)
        if self._process.stdin is None:
            raise RuntimeError("the process has no input")
        self._process.stdin.write(len(written).to_bytes(8, "big") + written)
        await self._process.stdin.drain()

    async def answer(self) -> Done:
        """What came of it."""
        if self._process.stdout is None:
            raise RuntimeError("the process has no output")
        size = int.from_bytes(await self._process.stdout.readexactly(8), "big")
        done = msgspec.msgpack.decode(await self._process.stdout.readexactly(size), type=Done)
        if done.failure:
            raise Failed(done.failure)
        return done


@asynccontextmanager
async def listening(plan: Plan) -> AsyncIterator[Listeners]:
    """The process, for the block."""
    process = await create_subprocess_exec(
        sys.executable, "-m", "benchmarks.listening", stdin=PIPE, stdout=PIPE, limit=2**30
    )
    listeners = Listeners(process)
    try:
        await listeners.tell(plan)
        yield listeners
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
