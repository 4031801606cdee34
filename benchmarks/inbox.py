"""An announcement to everybody: the inbox rows of all, and who uses the API meanwhile."""

import asyncio
from time import perf_counter
from typing import Any, Final

from benchmarks.calls import drive, get
from benchmarks.figures import Found, Goal, Wishes, percentile
from benchmarks.load import Plan
from benchmarks.people import uid_of
from benchmarks.progress import say
from benchmarks.reads import STANDING
from benchmarks.settled import settled
from benchmarks.stage import Served
from ground.engine import fetch, fetchval
from ground.unit_of_work import unit_of_work
from notifications.notify import notify_many, telling
from server.auth.emulator import emulator_token
from server.config import DEVELOPMENT_PROJECT

MEMBERS: Final = 100_000
FEW: Final = 5_000
PAGE: Final = 1_000
MOST_SECONDS: Final = 20.0
MOST_SLOWER: Final = 1.2
READERS: Final = 200
A_SECOND: Final = 100
SLICE_SECONDS: Final = 2.0
EVERYBODY: Final = """
SELECT id FROM member WHERE state = 'active' AND ($1::uuid IS NULL OR id > $1)
ORDER BY id LIMIT $2
"""
ROWS: Final = "SELECT count(*) FROM notification WHERE category = 'campaign.news'"


async def measured(wishes: Wishes) -> Found:
    """Read for a while; then tell everybody, and go on reading."""
    members = FEW if wishes.quick else MEMBERS
    async with settled(members) as stage:
        with stage.product() as product:
            await drive(_reading(product, 1))
            before = await drive(_reading(product, wishes.seconds))
            say(f"telling {members:,} members")
            telling_all = asyncio.create_task(_tell_everybody())
            latencies: list[float] = []
            while not telling_all.done():
                outcome = await drive(_reading(product, min(SLICE_SECONDS, wishes.seconds)))
                latencies += outcome.latencies
            seconds = await telling_all
        if await fetchval(ROWS) != members:
            raise LookupError("somebody wasn't told")
    was = percentile(before.latencies, 0.99) or 1.0
    now = percentile(latencies, 0.99) or 0.0
    at_most = MOST_SECONDS * members / MEMBERS
    name = f"{members:,} inbox rows of one announcement"
    return Found(
        goals=[
            Goal(name=name, value=seconds, at_most=at_most, unit="s"),
            Goal(
                name=f"the API's p99 meanwhile, {now:.1f} ms beside {was:.1f} ms before",
                value=now / was,
                at_most=MOST_SLOWER,
                unit="times",
            ),
        ],
        notes=[f"{A_SECOND} reads a second of {STANDING}; {members / seconds:,.0f} rows a second"],
    )


def _reading(served: Served, seconds: float) -> Plan:
    tokens = [emulator_token(DEVELOPMENT_PROJECT, uid_of(number)) for number in range(READERS)]
    return Plan(
        port=served.port,
        requests=[get(STANDING, token) for token in tokens],
        connections=16,
        seconds=seconds,
        a_second=A_SECOND,
        again=True,
    )


async def _tell_everybody() -> float:
    """Page by page, each in a transaction; seconds."""
    began, last = perf_counter(), None
    facts: dict[str, Any] = {
        "campaign": "bench",
        "title": {"fr": "Une nouvelle", "en": "News"},
        "body": {"fr": "La saison commence.", "en": "The season begins."},
    }
    while rows := await fetch(EVERYBODY, last, PAGE):
        async with unit_of_work():
            await notify_many(
                [telling(row["id"], "campaign.news", once="bench", **facts) for row in rows]
            )
        last = rows[-1]["id"]
    return perf_counter() - began
