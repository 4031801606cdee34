"""Calls: how they are written, sent by the load's process, and measured meanwhile."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any, Final

import msgspec

from benchmarks import machine
from benchmarks.figures import Figure, percentile
from benchmarks.load import Outcome, Plan
from benchmarks.stage import Served, Stage, count_statements, counted_statements

ALWAYS: Final = b"host: localhost\r\n"


def get(path: str, token: str = "") -> bytes:
    """A GET."""
    signed = f"authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\n{signed}".encode() + ALWAYS + b"\r\n"


def post(path: str, key: str, body: Any) -> bytes:  # noqa: ANN401 - whatever JSON can say
    """A POST by a system."""
    content = msgspec.json.encode(body)
    head = (
        f"POST {path} HTTP/1.1\r\nx-api-key: {key}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(content)}\r\n"
    )
    return head.encode() + ALWAYS + b"\r\n" + content


class Failed(RuntimeError):
    """Answers weren't what they should be: there is no figure."""


async def drive(plan: Plan) -> Outcome:
    """Send without measuring anybody: to warm up, or while statements are counted."""
    process = await _ready(plan)
    return await _gone(process)


async def measure(
    stage: Stage,
    served: Served,
    plan: Plan,
    *,
    what: str,
    each: str,
    a_call: int = 1,
) -> tuple[Figure, Outcome]:
    """Send, and measure what it costs."""
    process = await _ready(plan)
    before = stage.used(served)
    outcome = await _gone(process)
    after = stage.used(served)
    if outcome.failed or not outcome.done:
        bad = outcome.failed + outcome.refused
        raise Failed(f"{what}: {bad} of {bad + outcome.done} failed", outcome.failures)
    done = outcome.done * a_call
    memory = machine.memory(served.pid)
    figure = Figure(
        what=what,
        done=done,
        each=each,
        seconds=outcome.seconds,
        per_second=done / outcome.seconds,
        api_us=(after.api - before.api) / done * 1e6,
        postgres_us=(after.postgres - before.postgres) / done * 1e6,
        valkey_us=(after.valkey - before.valkey) / done * 1e6,
        a_call=a_call,
        p50_ms=percentile(outcome.latencies, 0.5),
        p99_ms=percentile(outcome.latencies, 0.99),
        refused=outcome.refused,
        resident_mib=memory.resident,
        peak_mib=memory.peak,
        load_us=outcome.processor_seconds / done * 1e6,
    )
    return figure, outcome


async def statements_a_call(plan: Plan) -> float:
    """How many statements a call costs, BEGIN and COMMIT included: counted, not timed."""
    await count_statements(on=True)
    try:
        outcome = await drive(plan)
        counted = await counted_statements()
    finally:
        await count_statements(on=False)
    return sum(each.calls for each in counted) / max(1, outcome.done)


async def _ready(plan: Plan) -> Process:
    """The load's process, connected and waiting."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.load", stdin=PIPE, stdout=PIPE, limit=2**30
    )
    written = msgspec.msgpack.encode(plan)
    _stdin(process).write(len(written).to_bytes(8, "big") + written)
    await _stdin(process).drain()
    if process.stdout is None or await process.stdout.read(1) != b"r":
        raise Failed("the load can't connect")
    return process


async def _gone(process: Process) -> Outcome:
    """Let it send, and hear what came of it."""
    outcome, _ = await process.communicate(b"g")
    return msgspec.msgpack.decode(outcome, type=Outcome)


def _stdin(process: Process) -> asyncio.StreamWriter:
    if process.stdin is None:
        raise RuntimeError("the process has no input")
    return process.stdin
