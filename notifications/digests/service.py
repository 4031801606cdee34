"""Whose turn it is, and what is kept of what they are told.

A page is one transaction of the caller's: a worker that dies leaves it as it was.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from ground import clock
from ground.engine import execute, fetch, fetchrow, fetchval
from notifications.attention.standing import wishes_in
from notifications.digests.content import MOST_ITEMS, Content, Item, Part, Reader
from notifications.digests.errors import DigestNotFound
from notifications.digests.plan import LENGTHS, Often, looks_back_to, period_of, turn
from notifications.digests.words import summary_of, title_of
from notifications.notify import notify_many, telling
from notifications.wording.category import Channel, Kind
from notifications.wording.registry import CATEGORIES

PAGE: Final = 500
KEPT_FOR: Final = timedelta(days=365)
PURGED_AT_ONCE: Final = 5_000
# What a digest tells again if it wasn't read. What asks for something has asked already.
TOLD_AGAIN: Final = {
    each.slug: each
    for each in CATEGORIES.values()
    if Channel.DIGEST in each.channels and each.kind is not Kind.SOLICITATION
}
# What all achieved together, and what each was told of it, are the same.
OF_ALL: Final = frozenset({"challenge.milestone", "challenge.completed"})

TAKE: Final = """
SELECT p.member_id, p.time_zone, p.quiet_from, p.quiet_until, p.quiet_days, p.paused_until,
    p.asks, p.choices, p.lock_screen, p.digest, p.digest_at,
    (SELECT max(d.until) FROM digest d WHERE d.member_id = p.member_id) AS last_until,
    EXISTS (SELECT FROM mail_address m WHERE m.member_id = p.member_id
        AND m.address IS NOT NULL AND m.refused_at IS NULL) AS by_mail
FROM preferences p
WHERE NOT p.expected AND p.digest <> 'never'
    AND coalesce(p.digest_at, '-infinity'::timestamptz) <= $1
ORDER BY coalesce(p.digest_at, '-infinity'::timestamptz) LIMIT $2
FOR NO KEY UPDATE OF p SKIP LOCKED
"""

NEXT: Final = """
UPDATE preferences p SET digest_at = t.next_at
FROM unnest($1::uuid[], $2::timestamptz[]) AS t (member_id, next_at)
WHERE p.member_id = t.member_id
"""

UNREAD: Final = """
SELECT r.member_id, n.id, n.category, n.challenge
FROM unnest($1::uuid[], $2::timestamptz[]) AS r (member_id, since)
JOIN LATERAL (
    SELECT n.id, n.category, n.facts ->> 'challenge' AS challenge FROM notification n
    WHERE n.member_id = r.member_id AND n.told_at > r.since AND n.told_at <= $3
        AND n.shown_at IS NOT NULL AND n.read_at IS NULL AND n.archived_at IS NULL
        AND n.category = ANY($4::text[])
    ORDER BY n.told_at DESC, n.id DESC LIMIT 100
) n ON true
"""

KEEP: Final = """
INSERT INTO digest (member_id, period, often, since, until, content, mail_due_at, mail_tries)
SELECT t.member_id, t.period, t.often, t.since, $6::timestamptz, t.content::jsonb,
    CASE WHEN t.by_mail THEN $6::timestamptz END, 0
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $7::bool[])
    AS t (member_id, period, often, since, content, by_mail)
ORDER BY t.member_id
ON CONFLICT (member_id, period) DO NOTHING RETURNING id, member_id
"""


async def take(now: datetime) -> tuple[int, list[Reader]]:
    """Hold a page of those whose time has come, and say when it comes again.

    Return how many were looked at, and for whom it is the moment.
    """
    rows = await fetch(TAKE, now, PAGE)
    readers, next_moments = [], []
    for row in rows:
        often, wishes = Often(row["digest"]), wishes_in(row)
        found = turn(now, often, wishes, row["digest_at"])
        next_moments.append(found.next_at)
        if found.is_now:
            readers.append(
                Reader(
                    member_id=row["member_id"],
                    often=often,
                    wishes=wishes,
                    period=period_of(now, often, wishes.zone),
                    since=looks_back_to(now, often, row["last_until"]),
                    now=now,
                    ahead_to=now + LENGTHS[often],
                    by_mail=row["by_mail"],
                )
            )
    if rows:
        await execute(NEXT, [row["member_id"] for row in rows], next_moments)
    return len(rows), readers


Items = Mapping[UUID, Sequence[Item]]


async def tell(readers: Sequence[Reader], found: Mapping[Part, Items]) -> int:
    """Keep a digest for each who has something to read, and tell them. Return how many."""
    messages = await _unread(readers, found[Part.TOGETHER])
    contents = {
        each.member_id: Content(
            together=tuple(found[Part.TOGETHER].get(each.member_id, ())[:MOST_ITEMS]),
            coming=tuple(found[Part.COMING].get(each.member_id, ())[:MOST_ITEMS]),
            messages=tuple(messages[each.member_id][:MOST_ITEMS]),
            more_messages=len(messages[each.member_id][MOST_ITEMS:]),
        )
        for each in readers
    }
    telling_them = [each for each in readers if contents[each.member_id]]
    if not telling_them:
        return 0
    kept = await _keep(telling_them, contents)
    by_member = {each.member_id: each for each in telling_them}
    await notify_many(
        [
            telling(
                row["member_id"],
                "digest.ready",
                digest=str(row["id"]),
                title=title_of(by_member[row["member_id"]].often),
                summary=summary_of(contents[row["member_id"]]),
            )
            for row in kept
        ]
    )
    return len(kept)


async def _keep(
    readers: Sequence[Reader], contents: Mapping[UUID, Content]
) -> list[asyncpg.Record]:
    return await fetch(
        KEEP,
        [each.member_id for each in readers],
        [each.period for each in readers],
        [each.often.value for each in readers],
        [each.since for each in readers],
        [msgspec.json.encode(contents[each.member_id]).decode() for each in readers],
        readers[0].now,
        [each.by_mail for each in readers],
    )


async def _unread(readers: Sequence[Reader], together: Items) -> Mapping[UUID, list[int]]:
    """What each was told and hasn't read, the newest first, where they want it in a digest.

    What the digest says of all already isn't said again.
    """
    found: dict[UUID, list[int]] = defaultdict(list)
    if not readers:
        return found
    wishes = {each.member_id: each.wishes for each in readers}
    for row in await fetch(
        UNREAD, list(wishes), [each.since for each in readers], readers[0].now, list(TOLD_AGAIN)
    ):
        member_id, category = row["member_id"], row["category"]
        said = {each.link for each in together.get(member_id, ())[:MOST_ITEMS]}
        if category in OF_ALL and f"/challenges/{row['challenge']}" in said:
            continue
        if wishes[member_id].want(TOLD_AGAIN[category], Channel.DIGEST):
            found[member_id].append(row["id"])
    return found


async def read(member_id: UUID, digest_id: int) -> asyncpg.Record:
    """A digest of the member's."""
    row = await fetchrow(
        "SELECT * FROM digest WHERE id = $1 AND member_id = $2", digest_id, member_id
    )
    if row is None:
        raise DigestNotFound
    return row


async def messages_of(contents: Collection[Content]) -> dict[int, asyncpg.Record]:
    """The messages that these name, as far as they are there."""
    ids = [each for content in contents for each in content.messages]
    rows = await fetch(
        """
        SELECT id, category, facts, actors, likes, read_at, archived_at FROM notification
        WHERE id = ANY($1::bigint[]) AND category = ANY($2::text[])
        """,
        ids,
        list(TOLD_AGAIN),
    )
    return {row["id"]: row for row in rows}


async def purge() -> int:
    """Forget what was gathered more than a year ago, some at a time. Return how many."""
    return int(
        await fetchval(
            """
            WITH old AS (
                DELETE FROM digest WHERE id IN (
                    SELECT id FROM digest WHERE until < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
                ) RETURNING id
            ) SELECT count(*) FROM old
            """,
            clock.now() - KEPT_FOR,
            PURGED_AT_ONCE,
        )
    )


async def forget(member_id: UUID) -> None:
    """Forget what was gathered for a member: they left."""
    await execute("DELETE FROM digest WHERE member_id = $1", member_id)
