"""All sockets of a process are cut off at once, and come back 50 events behind."""

import os
import signal
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from typing import Final

import msgspec

from benchmarks.calls import Failed
from benchmarks.comers import Back, Missed, Plan
from benchmarks.figures import Found, Goal, Wishes
from benchmarks.live import COMMITTED, announced, relayed
from benchmarks.people import uid_of
from benchmarks.progress import say
from benchmarks.settled import settled
from benchmarks.stage import Stage
from ground.engine import fetchval
from server.auth.emulator import emulator_token
from server.config import DEVELOPMENT_PROJECT

CLIENTS: Final = 2_000
FEW: Final = 200
EVENTS: Final = 50
MOST_SECONDS: Final = 20.0
POSITION: Final = "SELECT position FROM announcement_channel WHERE channel = $1"


async def measured(wishes: Wishes) -> Found:
    """Kill the live process, let things happen, start it anew, and let everybody come."""
    clients = FEW if wishes.quick else CLIENTS
    async with settled(clients) as stage:
        with stage.product() as product:
            tokens = [
                emulator_token(DEVELOPMENT_PROJECT, uid_of(number)) for number in range(clients)
            ]
            back = await _cut_off(stage, product.port, tokens)
    name = f"{clients:,} clients cut off at once are back, {EVENTS} events later"
    if back.reloads or back.gaps:
        raise Failed(f"{name}: {back.reloads} were told to read again, {back.gaps} miss something")
    seconds = sorted(back.seconds)
    half = seconds[len(seconds) // 2]
    return Found(
        goals=[Goal(name=name, value=seconds[-1], at_most=MOST_SECONDS, unit="s")],
        notes=[f"half of them after {half:.1f} s; tickets were asked for {back.tries:,} times"],
    )


async def _cut_off(stage: Stage, api: int, tokens: Sequence[str]) -> Back:
    process = await create_subprocess_exec(
        sys.executable, "-m", "benchmarks.comers", stdin=PIPE, stdout=PIPE, limit=2**30
    )
    try:
        with stage.worker():
            await relayed()
            with stage.live() as live:
                await _told(
                    process, Plan(api=api, live=live.port, channel=COMMITTED, tokens=[*tokens])
                )
                await _answer(process)
                say("everybody is there")
                os.kill(live.pid, signal.SIGKILL)
            await announced(EVENTS)
            with stage.live(live.port):
                position = await fetchval(POSITION, COMMITTED)
                await _told(process, Missed(position=position))
                return await _answer(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _told(process: Process, what: Plan | Missed) -> None:
    if process.stdin is None:
        raise RuntimeError("the process has no input")
    written = msgspec.msgpack.encode(what)
    process.stdin.write(len(written).to_bytes(8, "big") + written)
    await process.stdin.drain()


async def _answer(process: Process) -> Back:
    if process.stdout is None:
        raise RuntimeError("the process has no output")
    size = int.from_bytes(await process.stdout.readexactly(8), "big")
    back = msgspec.msgpack.decode(await process.stdout.readexactly(size), type=Back)
    if back.failure:
        raise Failed(back.failure)
    return back
