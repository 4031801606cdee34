"""Pushes to a stand-in for Firebase that thinks for 20 ms, beside firebase-admin's own sender."""

import os
import sys
from asyncio import create_subprocess_exec, to_thread
from asyncio.subprocess import PIPE
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
import msgspec

from benchmarks.calls import Failed
from benchmarks.fetched import from_pypi
from benchmarks.figures import Compared, Figure, Found, Goal, Wishes
from benchmarks.progress import say
from benchmarks.pushing import Cost, push, token
from benchmarks.settled import settled
from benchmarks.stage import Stage, serve
from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from notifications.notify import notify_many, telling
from notifications.push import deliveries
from notifications.push.deliveries import Handed

PUSHES: Final = 20_000
FEW: Final = 2_000
AT_ONCE: Final = 1_000
TARGET: Final = 2.0
MOST_PROCESSOR: Final = 0.5
# How much more memory the last nine tenths may take.
MOST_GROWTH_MIB: Final = 15
DEVICES: Final = """
INSERT INTO device (id, member_id, token, platform, first_seen_at, last_seen_at)
SELECT gen_random_uuid(), d.member_id, d.token, 'android', $3, $3
FROM unnest($1::uuid[], $2::text[]) AS d (member_id, token)
"""
TOLD: Final = "SELECT id, notification_id, member_id FROM outbox ORDER BY id"
SENT: Final = "SELECT count(*) FROM push_delivery WHERE state = 'sent'"


async def measured(wishes: Wishes) -> Found:
    """Ours, `send_each`, and clients that only send."""
    count = FEW if wishes.quick else PUSHES
    found = Found()
    with TemporaryDirectory(prefix="ambassade-peers-") as folder:
        skipped = from_pypi(Path(folder)) if wishes.peers else "aiohttp: not asked for"
        if skipped:
            found.notes.append(skipped)
        async with settled(count) as stage:
            await handed_over()
            say(f"{count:,} pushes wait")
            ours, cost = await _pushed(stage, "ours", count)
            if await fetchval(SENT) != count:
                raise Failed("not all were sent")
            limit, theirs = await _pushed(stage, "send_each", count)
            # It is slow, and a rate shows in a few of them.
            beside = [(await _pushed(stage, "httpx", count // 10))[0]]
            if not skipped:
                way = await _pushed(stage, "aiohttp", count, {"PYTHONPATH": folder})
                beside.append(way[0])
    name = f"{count:,} pushes"
    found.compared.append(
        Compared(name=name, members=count, figure=ours, limit=limit, target=TARGET, beside=beside)
    )
    found.goals += [
        Goal(
            name="processor time of a push, beside send_each",
            value=cost.processor_seconds / theirs.processor_seconds,
            at_most=MOST_PROCESSOR,
            unit="times",
        ),
        Goal(
            name=f"memory that the last nine tenths took ({cost.peak:.0f} MiB at most;"
            f" send_each {theirs.peak:.0f})",
            value=max(0.0, cost.late - cost.early),
            at_most=MOST_GROWTH_MIB,
            unit="MiB",
        ),
    ]
    return found


async def handed_over() -> None:
    """Let everybody have a phone, a notification, a push that waits, and no quiet hours."""
    await execute("UPDATE preferences SET quiet_from = 0, quiet_until = 0")
    people = await fetch("SELECT n, id FROM bench_person ORDER BY n")
    await execute(
        DEVICES, [row["id"] for row in people], [token(row["n"]) for row in people], clock.now()
    )
    facts: dict[str, Any] = {
        "campaign": "bench",
        "title": {"fr": "Merci", "en": "Thank you"},
        "body": {"fr": "Une nouvelle.", "en": "News."},
    }
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        async with unit_of_work():
            await notify_many([telling(row["id"], "campaign.news", **facts) for row in some])
    waiting = await fetch(TOLD)
    for start in range(0, len(waiting), AT_ONCE):
        async with unit_of_work():
            await deliveries.hand_over(
                [
                    Handed(
                        outbox_id=row["id"],
                        notification_id=row["notification_id"],
                        member_id=row["member_id"],
                        push=push(row["id"]),
                    )
                    for row in waiting[start : start + AT_ONCE]
                ]
            )


async def _pushed(
    stage: Stage, way: str, count: int, more: dict[str, str] | None = None
) -> tuple[Figure, Cost]:
    names = {"ours": "ambassade's sender", "send_each": "firebase-admin, send_each"}
    with serve(["benchmarks.firebase_stub"], "/", stage.environment) as stub:
        url = f"http://127.0.0.1:{stub.port}"
        used = stage.used_by_postgres()
        process = await create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.pushing", way, url, str(count)),
            stdout=PIPE,
            env=os.environ | stage.environment | (more or {}),
        )
        told, _ = await process.communicate()
        if process.returncode:
            raise Failed(f"{way} ended with {process.returncode}")
        used = stage.used_by_postgres() - used
        cost = msgspec.json.decode(told.splitlines()[-1], type=Cost)
        taken = int((await to_thread(httpx.get, url)).text)
    if taken < count:
        raise Failed(f"{way}: {taken} of {count} arrived")
    figure = Figure(
        what=names.get(way, f"bare {way}, 64 at once"),
        done=count,
        each="push",
        seconds=cost.seconds,
        per_second=count / cost.seconds,
        api_us=cost.processor_seconds / count * 1e6,
        postgres_us=used / count * 1e6,
        resident_mib=cost.late,
        peak_mib=cost.peak,
    )
    return figure, cost
