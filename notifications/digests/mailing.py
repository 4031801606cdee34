"""Sends the mails of digests, page by page, by any number of workers.

A mail is held while it is on its way: one whose worker dies is tried again when that time is over,
with the same id. Where it goes is read just before, so who said stop hears nothing more.
"""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
import structlog

from ground import clock
from ground.engine import execute, fetch, fetchrow
from ground.languages import Language
from ground.programme import zone_named
from ground.unit_of_work import unit_of_work
from notifications.digests.content import Content
from notifications.digests.letter import Envelope, letter_of
from notifications.digests.plan import Often
from notifications.digests.service import messages_of
from notifications.digests.showing import Eyes, shown
from notifications.mail import addresses, door
from notifications.mail.door import Mailing, mailing
from notifications.mail.letter import Letter
from notifications.mail.transport import AddressRefused, MailAway, Post, TryLater
from notifications.wording.names import names_of

log = structlog.get_logger(__name__)

PAGE: Final = 60
AT_ONCE: Final = 6
HELD: Final = timedelta(minutes=1)
# What is held for longer than this is left to whoever takes it over.
LAST_MOMENT: Final = HELD.total_seconds() / 2
FIRST_WAIT: Final = timedelta(minutes=5)
LONGEST_WAIT: Final = timedelta(hours=6)
WORTH_IT: Final = timedelta(days=2)

CLAIM: Final = """
UPDATE digest SET mail_held_until = $1::timestamptz + $2::interval, mail_tries = mail_tries + 1
WHERE id IN (
    SELECT id FROM digest WHERE mail_due_at <= $1
        AND (mail_held_until IS NULL OR mail_held_until <= $1)
    ORDER BY mail_due_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
RETURNING id, member_id, often, until, content, mail_tries, mail_held_until
"""

# Nobody without an address, who left, or who wants no digests any more.
ADDRESS: Final = """
SELECT m.address, m.token, p.locale, p.time_zone, p.lock_screen
FROM mail_address m JOIN preferences p USING (member_id)
WHERE m.member_id = $1 AND m.address IS NOT NULL AND m.refused_at IS NULL
    AND NOT p.expected AND p.digest <> 'never'
"""

SETTLE: Final = """
UPDATE digest d SET mail_held_until = NULL, mail_due_at = t.due_at, mailed_at = t.mailed_at,
    mail_tries = d.mail_tries - t.untried
FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::int[])
    AS t (id, held_until, due_at, mailed_at, untried)
WHERE d.id = t.id AND d.mail_held_until = t.held_until
"""


class Outcome(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    # There is nobody to write to, or nothing to say, any more.
    NEEDLESS = "needless"
    REFUSED = "refused"
    LATER = "later"
    UNTRIED = "untried"


class Settled(NamedTuple):
    """A mail that was held, and what became of it."""

    row: asyncpg.Record
    outcome: Outcome


async def send_waiting() -> int:
    """Send what waits, until nothing does or nothing gets through. Return how many left."""
    by, sent = mailing(), 0
    while True:
        rows = await fetch(CLAIM, clock.now(), HELD, PAGE)
        if not rows:
            return sent
        page = _Page(by, await messages_of([_content(row) for row in rows]))
        settled = await page.send(rows)
        await _settle(settled)
        sent += sum(each.outcome is Outcome.SENT for each in settled)
        if page.closed:
            return sent


class _Page:
    """Mails on their way. It ends early when nothing gets through."""

    def __init__(self, by: Mailing | None, messages: dict[int, asyncpg.Record]) -> None:
        self._by = by
        self._messages = messages
        self._began = time.monotonic()
        self.closed = False

    async def send(self, rows: list[asyncpg.Record]) -> list[Settled]:
        by = self._by
        if by is None:
            # Nobody knows when mail will leave again; by then it isn't news.
            return [Settled(row, Outcome.NEEDLESS) for row in rows]
        waiting, settled = iter(rows), list[Settled]()
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(rows))):
                group.create_task(self._work(waiting, settled, by))
        return settled

    async def _work(
        self, waiting: Iterator[asyncpg.Record], settled: list[Settled], by: Mailing
    ) -> None:
        post = by.transport.post()
        try:
            for row in waiting:
                outcome = await self._send(row, post, by)
                settled.append(Settled(row, outcome))
        finally:
            await post.close()

    async def _send(self, row: asyncpg.Record, post: Post, by: Mailing) -> Outcome:
        if self.closed or time.monotonic() - self._began > LAST_MOMENT:
            self.closed = True
            return Outcome.UNTRIED
        letter = await self._letter(row, by)
        if letter is None:
            return Outcome.NEEDLESS
        try:
            await door.send(letter, post, by)
        except AddressRefused:
            return Outcome.REFUSED
        except TryLater as failure:
            log.info("mail_put_off", digest=row["id"], reason=str(failure))
            return Outcome.LATER
        except MailAway as failure:
            if not self.closed:
                log.warning("mail_away", reason=str(failure), advice="see SMTP_URL, MAIL_FROM")
            self.closed = True
            return Outcome.LATER
        return Outcome.SENT

    async def _letter(self, row: asyncpg.Record, by: Mailing) -> Letter | None:
        to = await fetchrow(ADDRESS, row["member_id"])
        if to is None or clock.now() > row["until"] + WORTH_IT:
            return None
        content = _content(row)
        actors = {
            each
            for message in content.messages
            if message in self._messages
            for each in self._messages[message]["actors"]
        }
        eyes = Eyes(
            language=Language(to["locale"]),
            zone=zone_named(to["time_zone"]),
            discreet=not to["lock_screen"],
            unread_only=True,
        )
        found = shown(content, Often(row["often"]), self._messages, await names_of(actors), eyes)
        if not found.parts:
            return None
        envelope = Envelope(row["id"], to["address"], to["token"], eyes.language)
        return letter_of(found, envelope, by, clock.now())


async def _settle(settled: list[Settled]) -> None:
    now = clock.now()
    ids: dict[Outcome, list[UUID]] = {each: [] for each in Outcome}
    for row, outcome in settled:
        ids[outcome].append(row["member_id"])
    async with unit_of_work():
        await execute(
            SETTLE,
            [each.row["id"] for each in settled],
            [each.row["mail_held_until"] for each in settled],
            [_due_at(each, now) for each in settled],
            [now if each.outcome is Outcome.SENT else None for each in settled],
            [int(each.outcome is Outcome.UNTRIED) for each in settled],
        )
        await addresses.note(ids[Outcome.SENT], ids[Outcome.REFUSED])


def _due_at(each: Settled, now: datetime) -> datetime | None:
    """When it is tried again, if it is."""
    if each.outcome is Outcome.UNTRIED:
        return now
    if each.outcome is not Outcome.LATER:
        return None
    wait = min(FIRST_WAIT * 2 ** min(each.row["mail_tries"] - 1, 10), LONGEST_WAIT)
    due_at = now + wait
    return due_at if due_at < each.row["until"] + WORTH_IT else None


def _content(row: asyncpg.Record) -> Content:
    return msgspec.json.decode(row["content"], type=Content)
