"""What members wish to be told, when, and through what."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
from msgspec import UNSET

from ground import clock
from ground.engine import execute, fetchrow
from ground.errors import FieldError, Invalid
from ground.unit_of_work import unit_of_work
from notifications.attention import service as attention
from notifications.inbox import live
from notifications.inbox.errors import NotificationNotFound
from notifications.preferences.errors import AlwaysSaid, NoPreferences
from notifications.preferences.views import WishesChange
from notifications.wording.category import Category, Channel
from notifications.wording.registry import CATEGORIES

Choices = dict[str, dict[str, bool]]
LONGEST_PAUSE: Final = timedelta(days=366)
# The loudest goes first.
FROM_LOUD_TO_QUIET: Final = (Channel.PUSH, Channel.DIGEST, Channel.INBOX)

READ: Final = """
SELECT p.locale, p.time_zone, p.choices, p.quiet_from, p.quiet_until, p.quiet_days, p.asks,
    p.paused_until, p.lock_screen, p.digest,
    coalesce(c.asks, 2) AS ceiling_asks, coalesce(c.days, 7) AS ceiling_days
FROM preferences p LEFT JOIN attention_ceiling c ON true
WHERE p.member_id = $1 AND NOT p.expected
"""

WRITE: Final = """
UPDATE preferences SET quiet_from = $2, quiet_until = $3, quiet_days = $4, asks = $5,
    paused_until = $6, lock_screen = $7, digest = $8::text, choices = $9::jsonb,
    digest_at = CASE WHEN (digest, quiet_from, quiet_until, quiet_days) = ($8::text, $2, $3, $4)
        THEN digest_at END
WHERE member_id = $1
"""


async def read(member_id: UUID) -> asyncpg.Record:
    """A member's wishes, beside the programme's ceiling."""
    row = await fetchrow(READ, member_id)
    if row is None:
        raise NoPreferences
    return row


async def change(member_id: UUID, wanted: WishesChange) -> None:
    """Change what is given and leave the rest."""
    _refuse_a_long_pause(wanted)
    async with unit_of_work():
        row = await fetchrow(f"{READ} FOR UPDATE OF p", member_id)
        if row is None:
            raise NoPreferences
        now = dict(row) | _columns(wanted)
        choices: Choices = msgspec.json.decode(now["choices"])
        if wanted.categories is not UNSET:
            choices = _chosen(choices, wanted.categories)
        await _write(member_id, now, choices)


async def _write(member_id: UUID, now: Mapping[str, Any], choices: Choices) -> None:
    await execute(
        WRITE,
        member_id,
        now["quiet_from"],
        now["quiet_until"],
        now["quiet_days"],
        now["asks"],
        now["paused_until"],
        now["lock_screen"],
        now["digest"],
        msgspec.json.encode(choices).decode(),
    )


async def less(member_id: UUID, notification_id: int) -> tuple[Category, Channel | None]:
    """Less of what is like this message. Return which channel fell silent, if one was left.

    What asks for something hears it as a no as well.
    """
    async with unit_of_work():
        slug = await _category_of(member_id, notification_id)
        category = CATEGORIES[slug]
        row = await fetchrow(f"{READ} FOR UPDATE OF p", member_id)
        if row is None:
            raise NoPreferences
        choices: Choices = msgspec.json.decode(row["choices"])
        mine = choices.get(slug, {})
        switchable = [each for each in FROM_LOUD_TO_QUIET if category.may_be_switched(each)]
        if not switchable:
            raise AlwaysSaid
        loudest = next((each for each in switchable if mine.get(each.value, True)), None)
        if loudest is not None:
            choices[slug] = mine | {loudest.value: False}
            await _write(member_id, dict(row), choices)
        if category.asks:
            await attention.said_no(member_id, slug)
    return category, loudest


async def decline(member_id: UUID, notification_id: int) -> None:
    """Say no to what is asked: the next asking of its kind waits twice as long as the last."""
    async with unit_of_work():
        slug = await _category_of(member_id, notification_id)
        if not CATEGORIES[slug].asks:
            raise NotificationNotFound("This message asks for nothing.")
        row = await fetchrow(
            """
            UPDATE notification SET declined_at = $3, read_at = coalesce(read_at, $3)
            WHERE id = $1 AND member_id = $2 AND declined_at IS NULL RETURNING id
            """,
            notification_id,
            member_id,
            clock.now(),
        )
        if row is not None:
            await attention.said_no(member_id, slug)
            live.tell([member_id])


async def _category_of(member_id: UUID, notification_id: int) -> str:
    row = await fetchrow(
        """
        SELECT category FROM notification
        WHERE id = $1 AND member_id = $2 AND shown_at IS NOT NULL
        """,
        notification_id,
        member_id,
    )
    if row is None or row["category"] not in CATEGORIES:
        raise NotificationNotFound
    return str(row["category"])


def _columns(wanted: WishesChange) -> dict[str, Any]:
    given: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in ("asks", "paused_until", "lock_screen", "digest")
        if getattr(wanted, name) is not UNSET
    }
    if wanted.quiet_hours is None:
        given |= {"quiet_from": 0, "quiet_until": 0}
    elif wanted.quiet_hours is not UNSET:
        since, until = wanted.quiet_hours.minutes
        given |= {"quiet_from": since, "quiet_until": until}
    if wanted.quiet_days is not UNSET:
        given["quiet_days"] = sorted({day.number for day in wanted.quiet_days})
    return given


def _chosen(choices: Choices, wanted: Mapping[str, Mapping[Channel, bool]]) -> Choices:
    """What was chosen, with what is chosen now."""
    wrong = []
    made = {slug: dict(channels) for slug, channels in choices.items()}
    for slug, channels in wanted.items():
        category = CATEGORIES.get(slug)
        if category is None:
            wrong.append(FieldError(f"/categories/{slug}", "is not a category"))
            continue
        for channel, on in channels.items():
            if category.may_be_switched(channel):
                made.setdefault(slug, {})[channel.value] = on
            else:
                pointer = f"/categories/{slug}/{channel.value}"
                wrong.append(FieldError(pointer, "can't be switched"))
    if wrong:
        raise Invalid("Some of this can't be chosen.", errors=tuple(wrong))
    return made


def _refuse_a_long_pause(wanted: WishesChange) -> None:
    until: datetime | Any = wanted.paused_until
    if isinstance(until, datetime) and until > clock.now() + LONGEST_PAUSE:
        wrong = FieldError("/paused_until", "is more than a year ahead")
        raise Invalid("A pause ends within a year.", errors=(wrong,))
