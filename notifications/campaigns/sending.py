"""Writes to the members of a campaign, page by page: each page and the progress in one transaction.

A worker that dies leaves a page as it was. Several at once take turns: whoever finds the campaign
held, or further than they knew, leaves it to the other.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from ground import clock
from ground.engine import execute, fetch
from ground.unit_of_work import retried
from notifications.campaigns import keeping, plan
from notifications.campaigns.keeping import Kept
from notifications.campaigns.limits import limits
from notifications.campaigns.tables import State
from notifications.inbox import live
from notifications.wording.registry import CATEGORIES, facts_of

PAGE: Final = 250
# In which others get to what pages hold, and to the processor.
BETWEEN_PAGES: Final = 0.02
# Phones are told once inboxes have it, so that one doesn't slow the other: so many a second have.
WRITTEN_A_SECOND: Final = 5_000

# One statement a page: in the inbox, on its way, and noted, once for each who is still there.
# What asks for something shows when its turn comes. Leaving takes the preferences away, and waits
# for this or is seen by it.
TELL: Final = """
WITH there AS (
    SELECT p.member_id, coalesce(p.choices -> $3::text ->> 'push' = 'false', false) AS muted
    FROM preferences p WHERE p.member_id = ANY($2::uuid[]) AND NOT p.expected
    ORDER BY p.member_id FOR KEY SHARE
), kept AS (
    INSERT INTO notification (member_id, category, collapse_key, once, facts, actors, likes,
        told_at, shown_at)
    SELECT t.member_id, $3::text, '', $4::text, $5::jsonb, '{}', 1, $1::timestamptz,
        CASE WHEN $6::bool THEN $1::timestamptz END
    FROM there t ORDER BY t.member_id
    ON CONFLICT (member_id, once) WHERE once <> '' DO NOTHING
    RETURNING id, member_id
), waiting AS (
    INSERT INTO outbox (notification_id, member_id, category, collapse_id, due_at, expires_at)
    SELECT k.id, k.member_id, $3::text, CASE WHEN $7::text = '' THEN 'n' || k.id ELSE $7::text END,
        $10::timestamptz, $8::timestamptz
    FROM kept k
), noted AS (
    INSERT INTO campaign_member (campaign, member_id, notification_id, muted_before)
    SELECT $9::uuid, k.member_id, k.id, t.muted FROM kept k JOIN there t USING (member_id)
)
SELECT member_id FROM kept
"""

GO_ON: Final = """
UPDATE campaign SET after = $2, seen = seen + $3, told = told + $4, next_at = $5, state = $6,
    ended_at = $7
WHERE id = $1
"""


async def begin(campaign_id: UUID, size: int) -> Kept | None:
    """Let what is due begin, for as many as it is for now. Nothing where nothing is to be done.

    What nobody gave a second word to, and has grown beyond what one manager does alone, waits
    for that word.
    """

    async def begun() -> Kept | None:
        kept, now = await keeping.taken(campaign_id), clock.now()
        if kept is None or kept.state is not State.SCHEDULED:
            return kept
        if kept.starts_at is None or kept.starts_at > now:
            return None
        if size > limits().alone and kept.approved_by is None:
            await keeping.moved(kept, state=State.PROPOSED, scheduled_at=None, size=size)
            return None
        return await keeping.moved(kept, state=State.SENDING, began_at=now, next_at=now, size=size)

    return await retried(begun)


async def write_to(
    campaign_id: UUID, after: UUID, member_ids: Sequence[UUID], *, is_end: bool
) -> bool:
    """Write to these, who come next `after` somebody, as far as its ramp allows.

    Return whether to go on: whether all of them were written to, and `is_end` doesn't say that
    they were the last.
    """
    left = member_ids
    while True:
        done = await retried(partial(_page, campaign_id, after, left, is_end=is_end))
        if done is None:
            return False
        if done == len(left):
            return not is_end
        after, left = left[done - 1], left[done:]
        await asyncio.sleep(BETWEEN_PAGES)


async def _page(
    campaign_id: UUID, after: UUID, left: Sequence[UUID], *, is_end: bool
) -> int | None:
    """Write to one page of them. Return to how many; nothing to leave it for now."""
    kept, now = await keeping.taken(campaign_id), clock.now()
    if kept is None or kept.state is not State.SENDING or kept.began_at is None:
        return None
    if (kept.after or UUID(int=0)) != after:
        return None
    ramp = kept.definition.ramp
    allowed = plan.allowed(ramp, kept.size, kept.began_at, now)
    room = PAGE if allowed is None else min(allowed - kept.seen, PAGE)
    page = list(left[: max(room, 0)])
    is_over = is_end and len(page) == len(left)
    rest = (kept.size if allowed is None else allowed) - kept.seen - len(page)
    leaves_at = now + timedelta(seconds=max(rest, 0) / WRITTEN_A_SECOND)
    told = await _tell(kept, page, now, leaves_at) if page else 0
    waits = not is_over and len(page) < min(len(left), PAGE)
    await execute(
        GO_ON,
        campaign_id,
        page[-1] if page else kept.after,
        len(page),
        told,
        None if is_over else plan.next_at(ramp, kept.began_at, now) if waits else now,
        (State.SENT if is_over else State.SENDING).value,
        now if is_over else None,
    )
    return None if waits else len(page)


async def _tell(kept: Kept, page: Sequence[UUID], now: datetime, leaves_at: datetime) -> int:
    written = kept.definition
    category = CATEGORIES[written.category]
    facts = facts_of(
        category,
        {
            "campaign": str(kept.id),
            "title": {"fr": written.title.fr, "en": written.title.en},
            "body": {"fr": written.body.fr, "en": written.body.en},
            "to": written.link,
            "image": written.image_url or "",
        },
    )
    rows = await fetch(
        TELL,
        now,
        list(page),
        category.slug,
        kept.once,
        msgspec.json.encode(facts).decode(),
        not category.asks,
        f"c-{written.collapses}" if written.collapses else "",
        now + timedelta(hours=written.lasts_hours),
        kept.id,
        leaves_at,
    )
    if not category.asks:
        live.tell(row["member_id"] for row in rows)
    return len(rows)
