"""Let journeys begin and go on, by the clock. Any number of workers may: each step is taken once.

Each page is one transaction: a worker that dies leaves it as it was, and another takes it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from ground import clock
from ground.engine import execute, fetch
from ground.programme import zone_named
from ground.unit_of_work import retried
from notifications.journeys import keeping
from notifications.journeys.advance import Act, Ending, Facts, Run, Seen, advance
from notifications.journeys.keeping import Kept
from notifications.journeys.plan import Body, Plan, Says, Send, Title
from notifications.journeys.statements import (
    BEGIN,
    FACTS,
    GO_ON,
    TAKE_DUE,
    TAKE_FRESH,
    TAKEN,
    WAKE,
)
from notifications.notify import Telling, notify_many, telling
from notifications.wording.category import ByLanguage

AT_ONCE: Final = 500
NAME: Final = "{name}"
CATEGORIES: Final = {Says.NEWS: "journey.news", Says.ASK: "journey.ask"}


async def by_the_clock() -> None:
    """Look at what happened, and let everybody go on whose time has come."""
    now = clock.now()
    await keeping.ensure_shipped()
    while await retried(lambda: _look_at_what_happened(now)):
        pass
    while await retried(lambda: _go_on(now)):
        pass


async def _look_at_what_happened(now: datetime) -> int:
    rows = await fetch(TAKE_FRESH, AT_ONCE)
    if rows:
        journeys = await keeping.switched_on()
        await begin(list(_beginnings(journeys, rows, now)), now)
        await execute(WAKE, list({row["member_id"] for row in rows}), now)
    return len(rows)


Beginning = tuple[Kept, UUID, str | None]


def _beginnings(
    journeys: Collection[Kept], rows: Iterable[asyncpg.Record], now: datetime
) -> Iterable[Beginning]:
    for row in rows:
        kind = row["fact"].partition(":")[0]
        for journey in journeys:
            begins = journey.plan.begins
            hours = begins.within_hours
            is_recent = hours is None or row["last_at"] >= now - timedelta(hours=hours)
            if is_recent and (row["fact"] in begins.on or kind in begins.on):
                yield journey, row["member_id"], row["name"]


async def begin(beginnings: Sequence[Beginning], now: datetime) -> None:
    """Let members enter journeys, but where they are or were and it isn't to be again."""
    if beginnings:
        await execute(
            BEGIN,
            now,
            [journey.slug for journey, _, _ in beginnings],
            [journey.version for journey, _, _ in beginnings],
            [member_id for _, member_id, _ in beginnings],
            [name for _, _, name in beginnings],
            [journey.plan.again_after_days for journey, _, _ in beginnings],
        )


async def _go_on(now: datetime) -> int:
    journeys = {each.slug: each for each in await keeping.switched_on()}
    rows = await fetch(TAKE_DUE, now, list(journeys), AT_ONCE)
    if not rows:
        return 0
    plans = await keeping.versions({(row["slug"], row["version"]) for row in rows})
    facts = await _facts_of({row["member_id"] for row in rows})
    acts = [
        (row, advance(_run(row), plans[row["slug"], row["version"]], facts[row["member_id"]], now))
        for row in rows
    ]
    said = [(row, place) for row, act in acts for place in act.says]
    await notify_many(
        [_telling(row, place, plans[row["slug"], row["version"]]) for row, place in said]
    )
    await execute(TAKEN, [row["id"] for row, _ in said], [place for _, place in said], now)
    await _note(acts, now)
    again = [
        (journeys[row["slug"]], row["member_id"], row["name"])
        for row, act in acts
        if act.ending is Ending.FINISHED and plans[row["slug"], row["version"]].repeats
    ]
    await begin(again, now)
    return len(rows)


def _run(row: asyncpg.Record) -> Run:
    return Run(
        began_at=row["began_at"],
        place=row["place"],
        since=row["since"],
        zone=zone_named(row["time_zone"] or "UTC"),
    )


async def _facts_of(member_ids: Collection[UUID]) -> Mapping[UUID, Facts]:
    found: dict[UUID, dict[str, Seen]] = defaultdict(dict)
    for row in await fetch(FACTS, list(member_ids)):
        of_member, seen = found[row["member_id"]], Seen(row["first_at"], row["last_at"])
        kind, _, slug = row["fact"].partition(":")
        of_member[row["fact"]] = seen
        if slug:
            of_member[kind] = seen.and_also(of_member.get(kind, seen))
    return found


async def _note(acts: Sequence[tuple[asyncpg.Record, Act]], now: datetime) -> None:
    await execute(
        GO_ON,
        [row["id"] for row, _ in acts],
        [act.place for _, act in acts],
        [act.since for _, act in acts],
        [act.until for _, act in acts],
        ["" if act.ending is None else act.ending.value for _, act in acts],
        now,
    )


def _telling(row: asyncpg.Record, place: int, plan: Plan) -> Telling:
    step = plan.steps[place]
    assert isinstance(step, Send)  # noqa: S101 - only these are said
    name = None if row["name"] is None else msgspec.json.decode(row["name"], type=ByLanguage)
    return telling(
        row["member_id"],
        CATEGORIES[step.says],
        once=f"journey:{row['id']}:{place}",
        journey=row["slug"],
        title=worded(step.title, name),
        body=worded(step.body, name),
        to=step.to,
    )


def worded(text: Title | Body, name: ByLanguage | None) -> ByLanguage:
    """A text with the name of what it is about."""
    fr, en = ("", "") if name is None else (name.fr, name.en)
    return ByLanguage(fr=text.fr.replace(NAME, fr), en=text.en.replace(NAME, en))
