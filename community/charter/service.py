"""Publish the charter, and keep the proof of who accepted it."""

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from uuid import UUID

import asyncpg
import msgspec

from community.charter.errors import (
    CharterIncomplete,
    CharterOutdated,
    CharterUnpublished,
    CharterVersionNotFound,
)
from community.charter.tables import Channel
from community.members.errors import NotAMemberAnyMore
from community.members.turns import one_at_a_time
from ground import audit, clock
from ground.callers import Caller
from ground.engine import fetch, fetchrow, fetchval
from ground.errors import FieldError
from ground.languages import Language
from ground.unit_of_work import unit_of_work

Texts = Mapping[Language, str]


class Charter(msgspec.Struct, frozen=True, kw_only=True):
    """A published version, in all languages."""

    version: int
    published_at: datetime
    texts: dict[Language, str]


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the proof."""

    id: int
    version: int
    accepted_at: datetime
    channel: Channel
    locale: Language


def shipped_texts() -> Texts:
    """The charter that comes with the product."""
    texts = files("community.charter").joinpath("texts")
    return {
        language: texts.joinpath(f"{language}.md").read_text(encoding="utf-8")
        for language in Language
    }


async def publish_first() -> bool:
    """Publish the shipped charter unless some charter is there. Return whether it did."""
    row = await fetchrow(
        """
        INSERT INTO charter_version (version, texts, published_at)
        SELECT 1, $1, $2 WHERE NOT EXISTS (SELECT FROM charter_version)
        ON CONFLICT (version) DO NOTHING RETURNING version
        """,
        _encoded(shipped_texts()),
        clock.now(),
    )
    return row is not None


async def publish(texts: Texts, *, by: Caller) -> int:
    """Publish the next version. Members go on, and are offered it."""
    if any(not text.strip() for text in texts.values()) or set(texts) != set(Language):
        raise CharterIncomplete
    async with unit_of_work():
        await one_at_a_time("charter:publish")
        version: int = await fetchval(
            """
            INSERT INTO charter_version (version, texts, published_at)
            SELECT coalesce(max(version), 0) + 1, $1, $2 FROM charter_version RETURNING version
            """,
            _encoded(texts),
            clock.now(),
        )
        await audit.record(by, "charter.published", subject=f"charter:{version}")
    return version


async def current() -> Charter:
    """The version in force."""
    row = await fetchrow("SELECT * FROM charter_version ORDER BY version DESC LIMIT 1")
    if row is None:
        raise CharterUnpublished
    return _charter(row)


async def published(version: int) -> Charter:
    """Any version that was ever in force."""
    row = await fetchrow("SELECT * FROM charter_version WHERE version = $1", version)
    if row is None:
        raise CharterVersionNotFound
    return _charter(row)


async def require_current(version: int, *, pointer: str) -> None:
    """Refuse any version but the one in force."""
    in_force: int | None = await fetchval("SELECT max(version) FROM charter_version")
    if in_force is None:
        raise CharterUnpublished
    if version != in_force:
        wrong = FieldError(pointer, f"the current version is {in_force}")
        raise CharterOutdated(f"The current version is {in_force}.", errors=(wrong,))


async def record_acceptance(
    member_id: UUID, version: int, *, locale: Language, channel: Channel
) -> Accepted:
    """Write the proof, in the transaction of what was agreed to."""
    [row] = await fetch(
        """
        INSERT INTO charter_acceptance (member, version, accepted_at, channel, locale)
        VALUES ($1, $2, $3, $4, $5) RETURNING *
        """,
        member_id,
        version,
        clock.now(),
        channel.value,
        locale.value,
    )
    return _accepted(row)


async def accept(member_id: UUID, version: int, *, locale: Language) -> tuple[Accepted, bool]:
    """Accept the version in force. Accepting it again changes nothing.

    The member's row is locked, so that two requests at once leave one line.
    """
    async with unit_of_work():
        await require_current(version, pointer="/version")
        joined_at = await fetchval(
            """
            SELECT joined_at FROM member WHERE id = $1 AND state = 'active' FOR NO KEY UPDATE
            """,
            member_id,
        )
        if joined_at is None:
            raise NotAMemberAnyMore
        row = await fetchrow(
            """
            SELECT * FROM charter_acceptance
            WHERE member = $1 AND version = $2 AND accepted_at >= $3 ORDER BY id DESC LIMIT 1
            """,
            member_id,
            version,
            joined_at,
        )
        if row is not None:
            return _accepted(row), False
        new = await record_acceptance(member_id, version, locale=locale, channel=Channel.APP)
    return new, True


async def acceptances(member_id: UUID, *, before: int | None, limit: int) -> list[Accepted]:
    """A member's own proof, newest first, with that of accounts merged into theirs."""
    rows = await fetch(
        """
        SELECT * FROM charter_acceptance
        WHERE member IN (SELECT id FROM member WHERE id = $1 OR merged_into = $1)
          AND ($2::bigint IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3
        """,
        member_id,
        before,
        limit,
    )
    return [_accepted(row) for row in rows]


def _encoded(texts: Texts) -> str:
    return msgspec.json.encode(texts).decode()


def _charter(row: asyncpg.Record) -> Charter:
    texts = msgspec.json.decode(row["texts"], type=dict[Language, str])
    return Charter(version=row["version"], published_at=row["published_at"], texts=texts)


def _accepted(row: asyncpg.Record) -> Accepted:
    return Accepted(
        id=row["id"],
        version=row["version"],
        accepted_at=row["accepted_at"],
        channel=Channel(row["channel"]),
        locale=Language(row["locale"]),
    )
