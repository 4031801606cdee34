"""From the outbox to the devices: what was decided to leave is worded and handed over, by pages."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

import structlog

from ground.ending import is_told_to_end
from ground.engine import fetch
from ground.unit_of_work import retried
from notifications.attention.plan import Why
from notifications.outbox import service as outbox
from notifications.outbox.lines import Outcome
from notifications.outbox.service import Sending
from notifications.push import deliveries
from notifications.push.deliveries import Handed
from notifications.push.push import Push
from notifications.push.sending import INTERRUPTIONS
from notifications.wording.category import Patience
from notifications.wording.names import names_of
from notifications.wording.rendering import render

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 0.5
PAGE: Final = 500

UNREAD: Final = """
SELECT member_id, count(*) AS unread FROM notification
WHERE member_id = ANY($1) AND shown_at IS NOT NULL AND read_at IS NULL AND archived_at IS NULL
GROUP BY member_id
"""


async def hand_on_regularly() -> None:
    """Hand on what is due, for as long as the worker lives."""
    while True:
        more, began = False, time.monotonic()
        try:
            more = await hand_on()
        except INTERRUPTIONS as failure:
            log.warning("outbox_interrupted", reason=type(failure).__name__)
        except asyncio.CancelledError:
            if is_told_to_end():
                raise
            log.warning("outbox_interrupted", reason="CancelledError")
        except Exception:
            log.exception("outbox_failed")
        # Where many wait, half of the time is left for others.
        await asyncio.sleep(time.monotonic() - began if more else EVERY_SECONDS)


async def hand_on() -> bool:
    """Hand on one page of what is due. Return whether there may be more.

    A crash leaves it in the outbox, from where it is handed on again; what was handed over
    already isn't a second time.
    """
    held = await outbox.claim(PAGE)
    sendings = await outbox.decide(held)
    if sendings:
        names = await names_of({actor for each in sendings for actor in each.actors})
        unread = await _unread({each.member_id for each in sendings})
        pushes = [
            Handed(
                outbox_id=each.held.id,
                notification_id=each.notification_id,
                member_id=each.member_id,
                push=worded(each, names, unread.get(each.member_id, 0)),
            )
            for each in sendings
        ]
        await retried(lambda: _hand_over(sendings, pushes))
    return len(held) == PAGE


async def _hand_over(sendings: Sequence[Sending], pushes: Sequence[Handed]) -> None:
    reached = await deliveries.hand_over(pushes)
    await outbox.handed_on([each for each in sendings if each.held.id in reached])
    nowhere = [each for each in sendings if each.held.id not in reached]
    await outbox.done(nowhere, Why.NO_DEVICE, Outcome.DIGEST)


async def _unread(members: Collection[UUID]) -> dict[UUID, int]:
    return {row["member_id"]: row["unread"] for row in await fetch(UNREAD, list(members))}


def worded(sending: Sending, names: Mapping[UUID, str], unread: int) -> Push:
    """What the member's phone shows. On a locked screen nothing personal, unless they allow it."""
    category = sending.category
    text = render(
        category.slug,
        sending.facts,
        sending.language,
        likes=sending.likes,
        names=[names[actor] for actor in sending.actors if actor in names],
        discreet=sending.discreet,
    )
    return Push(
        title=text.title,
        body=text.body,
        link=text.link,
        image=text.image if text.image.startswith("https://") else None,
        collapse_id=sending.collapse_id,
        channel=category.slug,
        expires_at=sending.expires_at,
        urgent=category.patience is Patience.NOW,
        badge=unread,
        data={"notification_id": str(sending.notification_id), "category": category.slug},
    )
