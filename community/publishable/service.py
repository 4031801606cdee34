"""Make, change, revoke and recognise the keys of public sites."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec

from community.publishable.errors import (
    PublishableKeyNotFound,
    PublishableKeyRevoked,
    PublishableKeyUnknown,
)
from community.publishable.key import (
    SETS,
    PublishableKey,
    is_key,
    new_key,
    refuse_name,
    refuse_origins,
    refused,
)
from gamification.catalogue.service import current
from ground import audit, clock
from ground.callers import Caller
from ground.engine import execute, fetch, fetchrow, fetchval
from ground.unit_of_work import unit_of_work

SUBJECT: Final = "publishable-key"
KNOWN_CHALLENGES: Final = """
SELECT id::text AS id FROM challenge WHERE id::text = ANY($1::text[]) AND state <> 'draft'
"""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What a key is called, what it opens, and where."""

    name: str
    boards: frozenset[str] = frozenset()
    challenges: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()


async def create(opened: Opened, *, by: Caller) -> PublishableKey:
    """Make a key."""
    await _refuse_unacceptable(opened, known=Opened(name=""))
    async with unit_of_work():
        [row] = await fetch(
            """
            INSERT INTO publishable_key
                (id, key, name, boards, challenges, origins, created_by, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *
            """,
            uuid4(),
            new_key(),
            *_columns(opened),
            by.actor,
            clock.now(),
        )
        made = PublishableKey.of(row)
        await _record(by, "created", made.id, _details(opened))
    return made


async def change(key_id: UUID, wanted: dict[str, Any], *, by: Caller) -> PublishableKey:
    """Let a key open something else, or be called otherwise. It stays the same key."""
    async with unit_of_work():
        held = await _held(key_id)
        if held.revoked_at is not None:
            raise PublishableKeyRevoked
        before = Opened(name=held.name, **{each: getattr(held, each) for each in SETS})
        after = msgspec.structs.replace(before, **wanted)
        if after == before:
            return held
        await _refuse_unacceptable(after, known=before)
        await execute(
            "UPDATE publishable_key SET name = $2, boards = $3, challenges = $4, origins = $5"
            " WHERE id = $1",
            key_id,
            *_columns(after),
        )
        details = {"before": _details(before), "after": _details(after)}
        await _record(by, "changed", key_id, details)
    return msgspec.structs.replace(held, **msgspec.structs.asdict(after))


async def revoke(key_id: UUID, *, by: Caller) -> PublishableKey:
    """End a key. Doing it again changes nothing."""
    async with unit_of_work():
        held = await _held(key_id)
        if held.revoked_at is not None:
            return held
        now = clock.now()
        await execute("UPDATE publishable_key SET revoked_at = $2 WHERE id = $1", key_id, now)
        await _record(by, "revoked", key_id, {})
    return msgspec.structs.replace(held, revoked_at=now)


async def page(*, before: tuple[datetime, UUID] | None, limit: int) -> list[PublishableKey]:
    """Some keys, newest first, after those that were told before."""
    moment, key_id = before or (None, None)
    rows = await fetch(
        """
        SELECT * FROM publishable_key
        WHERE $1::timestamptz IS NULL OR (created_at, id) < ($1, $2::uuid)
        ORDER BY created_at DESC, id DESC LIMIT $3
        """,
        moment,
        key_id,
        limit,
    )
    return [PublishableKey.of(row) for row in rows]


async def known_key(key_id: UUID) -> PublishableKey:
    """One key, whatever became of it."""
    row = await fetchrow("SELECT * FROM publishable_key WHERE id = $1", key_id)
    if row is None:
        raise PublishableKeyNotFound
    return PublishableKey.of(row)


async def working_key(key: str) -> PublishableKey:
    """The key that a page shows, as it is now."""
    row = None
    if is_key(key):
        row = await fetchrow(
            "SELECT * FROM publishable_key WHERE key = $1 AND revoked_at IS NULL", key
        )
    if row is None:
        raise PublishableKeyUnknown
    return PublishableKey.of(row)


async def key_made_by(actor: str) -> str | None:
    """The oldest working key of whoever the audit trail calls so."""
    found: str | None = await fetchval(
        "SELECT key FROM publishable_key WHERE created_by = $1 AND revoked_at IS NULL"
        " ORDER BY created_at, id LIMIT 1",
        actor,
    )
    return found


async def _held(key_id: UUID) -> PublishableKey:
    row = await fetchrow("SELECT * FROM publishable_key WHERE id = $1 FOR UPDATE", key_id)
    if row is None:
        raise PublishableKeyNotFound
    return PublishableKey.of(row)


async def _refuse_unacceptable(opened: Opened, *, known: Opened) -> None:
    """Raise unless there is what it opens. What it opened before may have been retired since."""
    refuse_name(opened.name)
    refuse_origins(sorted(opened.origins))
    if not opened.boards and not opened.challenges:
        raise refused("/boards", "A key that names no board and no challenge opens nothing.")
    boards = {board.slug for board in (await current()).boards}
    _refuse_unknown("board", opened.boards - known.boards - boards)
    challenges = sorted(opened.challenges - known.challenges)
    if challenges:
        rows = await fetch(KNOWN_CHALLENGES, challenges)
        _refuse_unknown("challenge", set(challenges) - {row["id"] for row in rows})


def _refuse_unknown(what: str, unknown: Collection[str]) -> None:
    if unknown:
        raise refused(f"/{what}s", f"There is no {what} {', '.join(sorted(unknown))}.")


def _columns(opened: Opened) -> tuple[str, list[str], list[str], list[str]]:
    return opened.name, sorted(opened.boards), sorted(opened.challenges), sorted(opened.origins)


def _details(opened: Opened) -> dict[str, Any]:
    return {each: sorted(getattr(opened, each)) for each in SETS}


async def _record(by: Caller, what: str, key_id: UUID, details: dict[str, Any]) -> None:
    action = f"publishable_keys.{what}"
    await audit.record(by, action, subject=f"{SUBJECT}:{key_id}", details=details)
