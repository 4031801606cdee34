"""What callers of the API feel while Firebase is in trouble and a worker pushes to it in vain.

Short turns with a worker that has nothing to push and turns with Firebase in trouble follow each
other, since no machine is the same for minutes. When a trouble begins, a page of pushes leaves as
at any time; that turn is told apart from those in which the worker knows of it.
"""

import asyncio
from asyncio import to_thread
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from statistics import median
from typing import Final

import httpx
import msgspec

from benchmarks.calls import drive
from benchmarks.figures import Found, Goal, Wishes
from benchmarks.progress import say
from benchmarks.push import SENT, handed_over
from benchmarks.reads import A_SECOND, STANDING, p99_of_standings, steadily
from benchmarks.settled import settled
from benchmarks.stage import Served, serve
from ground import clock
from ground.engine import execute, fetchval
from server.sandbox.behaviour import Behaviour, Trouble

MEMBERS: Final = 2_000
FEW: Final = 400
ROUNDS: Final = 7
FEW_ROUNDS: Final = 1
MOST_SLOWER: Final = 1.1
QUIET: Final = "nothing to push"
BEGINS: Final = "a trouble begins"
TROUBLES: Final[Mapping[str, Behaviour]] = {
    "Firebase is silent": Behaviour(trouble=Trouble.SILENCE),
    "Firebase answers 503": Behaviour(trouble=Trouble.UNAVAILABLE),
    "Firebase answers 429, Retry-After: 7": Behaviour(
        trouble=Trouble.QUOTA_EXCEEDED, retry_after=7
    ),
}
LATER: Final = "UPDATE push_delivery SET due_at = $1::timestamptz + interval '1 day'"
ONE: Final = "UPDATE push_delivery SET due_at = $1 WHERE id = (SELECT min(id) FROM push_delivery)"
# As at the beginning: nobody knows yet that it is in trouble.
ALL: Final = """
UPDATE push_delivery SET state = 'due', claim = NULL, tries = 0, repeats = 0, due_at = $1
"""
OPEN: Final = "DELETE FROM push_gate"
# More often than Firebase is ever tried by itself.
TRIED_EVERY_SECONDS: Final = 0.5
TRY_AGAIN: Final = "UPDATE push_gate SET held_until = $1"
TRIED: Final = "SELECT count(*) FROM push_delivery WHERE tries > 0"
ALL_BACK: Final = "SELECT count(*) = 0 FROM push_delivery WHERE state = 'sending'"
SECONDS_TO_WAIT: Final = 60.0


async def measured(wishes: Wishes) -> Found:
    """Turns of each kind, and the median of their p99."""
    members = FEW if wishes.quick else MEMBERS
    seconds = wishes.seconds / 4
    rounds = FEW_ROUNDS if wishes.quick else ROUNDS
    async with settled(members) as stage:
        await handed_over()
        await execute(LATER, clock.now())
        with (
            serve(["server", "sandbox", "--port"], "/received", stage.environment) as sandbox,
            stage.product() as product,
            stage.worker(PUSH_SANDBOX_URL=_url(sandbox), LOG_LEVEL="error"),
        ):
            await _warm(product)
            found: dict[str, list[float]] = defaultdict(list)
            for number in range(rounds):
                say(f"round {number + 1} of {rounds}")
                for name, behaviour in TROUBLES.items():
                    found[QUIET].append(await p99_of_standings(product, seconds))
                    await _in_trouble(sandbox, behaviour)
                    found[BEGINS].append(await p99_of_standings(product, seconds))
                    async with _tried_again_and_again():
                        found[name].append(await p99_of_standings(product, seconds))
                    await _over()
    return _found(found, seconds)


def _found(found: Mapping[str, list[float]], seconds: float) -> Found:
    usual = median(found[QUIET])
    return Found(
        goals=[
            Goal(
                name=f"the API's p99 while {name}, {median(found[name]):.1f} ms beside"
                f" {usual:.1f} ms",
                value=median(found[name]) / usual,
                at_most=MOST_SLOWER,
                unit="times",
            )
            for name in TROUBLES
        ],
        notes=[
            f"{A_SECOND} reads a second of {STANDING}; each p99 is the median of turns of"
            f" {seconds:g} s. With {QUIET} it was from {min(found[QUIET]):.1f} to"
            f" {max(found[QUIET]):.1f} ms in {len(found[QUIET])} of them; where {BEGINS}"
            f" {median(found[BEGINS]):.1f} ms"
        ],
    )


def _url(served: Served) -> str:
    return f"http://127.0.0.1:{served.port}"


async def _warm(product: Served) -> None:
    """The API was read from, and the worker has pushed something."""
    await drive(steadily(product, 1))
    await execute(ONE, clock.now())
    await _until(SENT)


async def _in_trouble(sandbox: Served, behaviour: Behaviour) -> None:
    """From now on Firebase is, and a push waits for everybody."""
    told = msgspec.json.encode(behaviour)
    answer = await to_thread(httpx.put, f"{_url(sandbox)}/behaviour", content=told)
    answer.raise_for_status()
    await execute(OPEN)
    await execute(ALL, clock.now())


@asynccontextmanager
async def _tried_again_and_again() -> AsyncIterator[None]:
    """Let the worker find out every moment whether it is over."""

    async def try_again() -> None:
        while True:
            await execute(TRY_AGAIN, clock.now())
            await asyncio.sleep(TRIED_EVERY_SECONDS)

    trying = asyncio.create_task(try_again())
    try:
        yield
    finally:
        trying.cancel()
        await asyncio.wait({trying})


async def _over() -> None:
    """Nothing waits any more, and what had left has come back."""
    await _until(TRIED)
    await execute(LATER + " WHERE state = 'due'", clock.now())
    await _until(ALL_BACK)
    await execute(LATER, clock.now())


async def _until(question: str) -> None:
    async with asyncio.timeout(SECONDS_TO_WAIT):
        while not await fetchval(question):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
