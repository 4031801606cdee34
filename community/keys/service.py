"""Make, recognise, replace and revoke the keys of the brand's systems."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import msgspec

from community.keys.errors import KeyNotCurrent, KeyNotFound, SourceTaken
from community.keys.key import (
    SECRET,
    SHOWN,
    Key,
    KeyFound,
    KeyState,
    NewKey,
    digest_of,
    new_secret,
    refuse_name,
    refuse_overlap,
    refuse_scopes,
    refuse_unacceptable,
)
from community.keys.scopes import Scope
from ground import audit, clock
from ground.callers import Caller
from ground.engine import execute, fetch, fetchrow
from ground.unit_of_work import unit_of_work

# How old the note of the last use may get before it is written again.
NOTED_EVERY: Final = timedelta(minutes=1)


async def create(
    name: str,
    source: str,
    scopes: Collection[Scope],
    *,
    lasts: timedelta | None = None,
    by: Caller,
) -> NewKey:
    """Make the key of a source that has none."""
    refuse_unacceptable(name, source, scopes, lasts)
    async with unit_of_work():
        return await _make(name, source, scopes, lasts, by=by, action="keys.created")


async def rotate(key_id: UUID, *, overlap: timedelta, by: Caller) -> NewKey:
    """Make a key that replaces another. The old one works on until the overlap ends."""
    refuse_overlap(overlap)
    now = clock.now()
    async with unit_of_work():
        old = await _held(key_id)
        if old.state_at(now) is not KeyState.ACTIVE:
            raise KeyNotCurrent
        ends_at = now + overlap
        if old.expires_at is not None:
            ends_at = min(ends_at, old.expires_at)
        await execute(
            "UPDATE integration_key SET replaced_at = $2, expires_at = $3 WHERE id = $1",
            key_id,
            now,
            ends_at,
        )
        lasts = None if old.expires_at is None else old.expires_at - old.created_at
        scopes = [Scope(scope) for scope in sorted(old.scopes)]
        return await _make(old.name, old.source, scopes, lasts, by=by, action="keys.rotated")


async def change(
    key_id: UUID,
    *,
    name: str | None = None,
    scopes: Collection[Scope] | None = None,
    by: Caller,
) -> Key:
    """Give a key that works and has no successor another name, or other scopes."""
    if name is not None:
        refuse_name(name)
    if scopes is not None:
        refuse_scopes(scopes)
    async with unit_of_work():
        held = await _held(key_id)
        if held.state_at(clock.now()) is not KeyState.ACTIVE:
            raise KeyNotCurrent
        wanted = msgspec.structs.replace(
            held,
            name=held.name if name is None else name,
            scopes=held.scopes if scopes is None else frozenset(scopes),
        )
        if wanted == held:
            return held
        await execute(
            "UPDATE integration_key SET name = $2, scopes = $3 WHERE id = $1",
            key_id,
            wanted.name,
            sorted(wanted.scopes),
        )
        before, after = ({"name": key.name, "scopes": sorted(key.scopes)} for key in (held, wanted))
        details = {"source": held.source, "before": before, "after": after}
        await audit.record(by, "keys.changed", subject=f"key:{key_id}", details=details)
    return wanted


async def revoke(key_id: UUID, *, by: Caller) -> Key:
    """End a key at once. Doing it again changes nothing."""
    async with unit_of_work():
        key = await _held(key_id)
        if key.revoked_at is not None:
            return key
        [row] = await fetch(
            "UPDATE integration_key SET revoked_at = $2 WHERE id = $1 RETURNING *",
            key_id,
            clock.now(),
        )
        await audit.record(
            by, "keys.revoked", subject=f"key:{key_id}", details={"source": key.source}
        )
    return Key.of(row)


async def known_keys() -> list[Key]:
    """All keys there ever were, newest first."""
    rows = await fetch("SELECT * FROM integration_key ORDER BY created_at DESC, id")
    return [Key.of(row) for row in rows]


async def page(*, before: tuple[datetime, UUID] | None, limit: int) -> list[Key]:
    """Some keys, newest first, after those that were told before."""
    moment, key_id = before or (None, None)
    rows = await fetch(
        """
        SELECT * FROM integration_key
        WHERE $1::timestamptz IS NULL OR (created_at, id) < ($1, $2::uuid)
        ORDER BY created_at DESC, id DESC LIMIT $3
        """,
        moment,
        key_id,
        limit,
    )
    return [Key.of(row) for row in rows]


async def known_key(key_id: UUID) -> Key:
    """One key, whatever became of it."""
    row = await fetchrow("SELECT * FROM integration_key WHERE id = $1", key_id)
    if row is None:
        raise KeyNotFound
    return Key.of(row)


async def find_key(secret: str) -> KeyFound | None:
    """The system whose key this is, if the key works now.

    Looking up a digest tells nothing about the secret by the time it takes.
    """
    if not secret.startswith(SECRET):
        return None
    row = await fetchrow("SELECT * FROM integration_key WHERE digest = $1", digest_of(secret))
    key = None if row is None else Key.of(row)
    if key is None or not key.works_at(clock.now()):
        return None
    await _note_use(key)
    return KeyFound(key_id=key.id, source=key.source, scopes=key.scopes)


async def _note_use(key: Key) -> None:
    """Note that a key is in use, at most once a minute and without waiting for anybody."""
    now = clock.now()
    if key.last_used_at is not None and key.last_used_at > now - NOTED_EVERY:
        return
    await execute(
        """
        UPDATE integration_key SET last_used_at = $2 WHERE id IN (
            SELECT id FROM integration_key
            WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)
            FOR NO KEY UPDATE SKIP LOCKED
        )
        """,
        key.id,
        now,
        now - NOTED_EVERY,
    )


async def _make(
    name: str,
    source: str,
    scopes: Collection[Scope],
    lasts: timedelta | None,
    *,
    by: Caller,
    action: str,
) -> NewKey:
    secret = new_secret()
    now = clock.now()
    rows = await fetch(
        """
        INSERT INTO integration_key
            (id, name, source, digest, prefix, scopes, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (source) WHERE revoked_at IS NULL AND replaced_at IS NULL DO NOTHING
        RETURNING *
        """,
        uuid4(),
        name,
        source,
        digest_of(secret),
        secret[:SHOWN],
        sorted({scope.value for scope in scopes}),
        now,
        None if lasts is None else now + lasts,
    )
    if not rows:
        raise SourceTaken
    key = Key.of(rows[0])
    details = {"source": source, "scopes": sorted(key.scopes)}
    await audit.record(by, action, subject=f"key:{key.id}", details=details)
    return NewKey(key=key, secret=secret)


async def _held(key_id: UUID) -> Key:
    row = await fetchrow("SELECT * FROM integration_key WHERE id = $1 FOR UPDATE", key_id)
    if row is None:
        raise KeyNotFound
    return Key.of(row)
