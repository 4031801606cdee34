"""Previews: asked for, read, cancelled, and forgotten. `working` works them out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from gamification.catalogue import members
from gamification.catalogue.previews.errors import (
    NothingDrafted,
    PreviewNotFound,
    TooManyPreviews,
)
from gamification.catalogue.previews.foresight import Outcome
from gamification.catalogue.releases.wanted import Wanted, planned
from gamification.catalogue.rule import Node
from gamification.catalogue.service import latest_revision, rows_until
from ground import clock
from ground.callers import Caller
from ground.engine import execute, fetch, fetchrow, fetchval
from ground.jobs import defer
from ground.unit_of_work import unit_of_work

TASK: Final = "catalogue.preview"
KEPT_FOR: Final = timedelta(hours=24)
LONGEST: Final = timedelta(minutes=30)
AT_ONCE: Final = 3
# So many are named of each badge or tier and outcome; all are counted.
NAMED: Final = 1_000

# `outdated`: something was published meanwhile. `too_long`: it was given up.
State = Literal["running", "done", "outdated", "too_long"]


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """How many would earn, lose, move (hold it since another moment) or keep something."""

    what: Literal["badge", "tier"]
    slug: Annotated[str, Meta(max_length=80, examples=["helper-2"])]
    earns: int = 0
    loses: int = 0
    moves: int = 0
    stays: int = 0

    def and_one(self, outcome: Outcome) -> "Numbers":
        return msgspec.structs.replace(self, **{outcome: getattr(self, outcome) + 1})


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What publishing some changes would do, as far as it is worked out."""

    id: int
    state: State
    changes: list[Wanted]
    to_the_past: bool
    revision: int
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    finished_at: datetime | None
    members_done: int
    members_total: int
    last_member: UUID | None
    numbers: list[Numbers]


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody for whom something would change."""

    id: int
    member_id: UUID
    subject: str
    held_since: datetime | None
    would_hold_since: datetime | None
    entries: list[int]
    asks_for: Any


async def ask(wanted: Sequence[Wanted], *, to_the_past: bool, by: Caller) -> Preview:
    """Begin a preview. Raises what speaks against publishing these changes."""
    now = clock.now()
    async with unit_of_work():
        revision = await latest_revision()
        rows = await rows_until(revision)
        if not planned(wanted, rows, now, since=now, to_the_past=to_the_past):
            raise NothingDrafted
        running = await fetchval("SELECT count(*) FROM catalogue_preview WHERE state = 'running'")
        if running >= AT_ONCE:
            raise TooManyPreviews
        preview_id = await fetchval(
            """
            INSERT INTO catalogue_preview (state, changes, to_the_past, revision, asked_by,
                asked_at, expires_at, members_done, members_total)
            VALUES ('running', $1, $2, $3, $4, $5, $6, 0, $7) RETURNING id
            """,
            msgspec.json.encode(wanted).decode(),
            to_the_past,
            revision,
            by.actor,
            now,
            now + KEPT_FOR,
            await members.how_many(),
        )
        await defer(TASK, {"preview": preview_id})
        return await read(preview_id)


async def read(preview_id: int) -> Preview:
    """A preview that hasn't expired."""
    row = await fetchrow(
        "SELECT * FROM catalogue_preview WHERE id = $1 AND expires_at > $2",
        preview_id,
        clock.now(),
    )
    if row is None:
        raise PreviewNotFound
    values = dict(row)
    values["changes"] = msgspec.json.decode(values["changes"], type=list[Wanted])
    values["numbers"] = msgspec.json.decode(values["numbers"] or "[]", type=list[Numbers])
    return Preview(**values)


async def named(
    preview_id: int, node: Node, outcome: Outcome, *, after: int, limit: int
) -> list[Named]:
    """Who would earn or lose something, in a stable order."""
    rows = await fetch(
        """
        SELECT id, member_id, subject, held_since, would_hold_since, entries, asks_for
        FROM catalogue_preview_member
        WHERE preview = $1 AND what = $2 AND slug = $3 AND outcome = $4 AND id > $5
        ORDER BY id LIMIT $6
        """,
        preview_id,
        *node,
        outcome,
        after,
        limit,
    )
    plain = [dict(row) for row in rows]
    for row in plain:
        row["asks_for"] = msgspec.json.decode(row["asks_for"]) if row["asks_for"] else None
    return [Named(**row) for row in plain]


async def cancel(preview_id: int) -> None:
    """Stop working on a preview, and forget it."""
    async with unit_of_work():
        await read(preview_id)
        await _forget([preview_id])


async def forget_expired() -> None:
    """Forget the previews whose time is over."""
    async with unit_of_work():
        rows = await fetch(
            "SELECT id FROM catalogue_preview WHERE expires_at <= $1 FOR UPDATE", clock.now()
        )
        await _forget([row["id"] for row in rows])


async def _forget(ids: list[int]) -> None:
    await execute("DELETE FROM catalogue_preview WHERE id = ANY($1::bigint[])", ids)
    await execute("DELETE FROM catalogue_preview_member WHERE preview = ANY($1::bigint[])", ids)
