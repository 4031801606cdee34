"""The door: what members are told, in the transaction in which it became true.

One statement for any number of members. Everything else follows from the category.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from ground import clock
from ground.engine import execute, fetch
from ground.unit_of_work import in_transaction
from notifications.inbox import live
from notifications.outbox.statements import TAKE_BACK, TELL_ONCE, TELL_TOGETHER
from notifications.wording.category import Category, Channel, Facts
from notifications.wording.registry import CATEGORIES, facts_of
from notifications.wording.rendering import collapse_key

MOST_ACTORS: Final = 100


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell a member. `by` is who it is about, if anybody; `once` a name that makes
    it at most one for this member, ever."""

    member_id: UUID
    category: str
    facts: Facts
    by: UUID | None = None
    once: str = ""


async def notify(
    member_id: UUID, category: str, *, by: UUID | None = None, once: str = "", **facts: Any
) -> None:
    """Tell a member something, with the facts that the category asks for."""
    await notify_many([telling(member_id, category, by=by, once=once, **facts)])


def telling(
    member_id: UUID, category: str, *, by: UUID | None = None, once: str = "", **facts: Any
) -> Telling:
    """Something to tell, its facts checked."""
    known = facts_of(CATEGORIES[category], facts)
    return Telling(member_id=member_id, category=category, facts=known, by=by, once=once)


async def notify_many(tellings: Sequence[Telling]) -> None:
    """Tell many members. Nobody is told who left or has not come yet."""
    if not in_transaction():
        raise RuntimeError("members are told in the transaction in which it became true")
    for statement, rows in (
        (TELL_TOGETHER, _together([each for each in tellings if not each.once])),
        (TELL_ONCE, _once([each for each in tellings if each.once])),
    ):
        if rows:
            await _tell(statement, rows)


async def take_back(category: str, about: Mapping[str, str], member_id: UUID | None = None) -> None:
    """Let what waits for its turn never be asked: it was answered, or there is nothing to answer.

    `about` are the facts that it is known by. What was shown already stays.
    """
    facts = msgspec.json.encode(about).decode()
    await execute(TAKE_BACK, category, facts, member_id, clock.now())


class _Row(msgspec.Struct):
    category: Category
    facts: Facts
    member_id: UUID
    key: str
    once: str
    actors: dict[UUID, None]
    likes: int


def _row(each: Telling) -> _Row:
    category = CATEGORIES[each.category]
    key = "" if each.once else collapse_key(category, each.facts)
    actors = {} if each.by is None else {each.by: None}
    return _Row(category, each.facts, each.member_id, key, each.once, actors, 1)


def _together(tellings: Iterable[Telling]) -> list[_Row]:
    """What is alike becomes one before it gets to the database; the last one speaks."""
    rows: list[_Row] = []
    alike: dict[tuple[UUID, str], _Row] = {}
    for each in tellings:
        row = _row(each)
        before = alike.get((row.member_id, row.key)) if row.key else None
        if before is None:
            rows.append(row)
            alike[row.member_id, row.key] = row
            continue
        before.facts = row.facts
        before.actors = row.actors | before.actors
        before.likes = len(before.actors) or before.likes + 1
    return rows


def _once(tellings: Iterable[Telling]) -> list[_Row]:
    found = {(each.member_id, each.once): _row(each) for each in tellings}
    return list(found.values())


async def _tell(statement: str, rows: Sequence[_Row]) -> None:
    now = clock.now()
    categories = {row.category.slug: row.category for row in rows}.values()
    told = await fetch(
        statement,
        now,
        [row.member_id for row in rows],
        [row.category.slug for row in rows],
        [row.key for row in rows],
        [row.once for row in rows],
        [msgspec.json.encode(row.facts).decode() for row in rows],
        [",".join(map(str, list(row.actors)[:MOST_ACTORS])) for row in rows],
        [row.likes for row in rows],
        *_columns(categories),
    )
    live.tell(row["member_id"] for row in told)


def _columns(categories: Collection[Category]) -> tuple[list[Any], ...]:
    now = clock.now()
    return (
        [each.slug for each in categories],
        [not each.asks for each in categories],
        [not each.asks and Channel.LIVE in each.channels for each in categories],
        [None if each.waits is None else now + each.waits for each in categories],
        [now + each.lasts for each in categories],
    )
