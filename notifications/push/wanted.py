"""Whether what waited at the door is still wanted at the moment it leaves (I32)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from ground import clock
from ground.engine import fetch
from notifications.attention.plan import (
    Attention,
    Defer,
    Digest,
    Drop,
    Due,
    Why,
    Wishes,
    decide,
)
from notifications.attention.standing import wishes_of
from notifications.campaigns.stopped import OF_CAMPAIGNS, stopped
from notifications.push.deliveries import Claimed, Settled
from notifications.push.tables import PushState
from notifications.wording.category import Channel
from notifications.wording.registry import CATEGORIES


async def not_now(page: Sequence[Claimed]) -> list[Settled]:
    """What doesn't leave now: the member has changed their mind, or sleeps by now."""
    members = {each.member_id for each in page}
    wishes, rests = await wishes_of(members), await _rests(members)
    over = await stopped([each.notification_id for each in page if each.category in OF_CAMPAIGNS])
    now = clock.now()
    found = [
        _not_now(each, wishes.get(each.member_id), rests.get(each.member_id), now) for each in page
    ]
    gone = [
        Settled(id=each.id, state=PushState.DROPPED, fault=Why.STOPPED)
        for each in page
        if each.notification_id in over
    ]
    stays = {each.id for each in gone}
    return gone + [each for each in found if each is not None and each.id not in stays]


async def _rests(members: Collection[UUID]) -> dict[UUID, datetime]:
    rows = await fetch(
        "SELECT member_id, rest_until FROM attention"
        " WHERE member_id = ANY($1) AND rest_until IS NOT NULL",
        list(members),
    )
    return {row["member_id"]: row["rest_until"] for row in rows}


def _not_now(
    each: Claimed, wishes: Wishes | None, rest: datetime | None, now: datetime
) -> Settled | None:
    category = CATEGORIES.get(each.category or "")
    if category is None:
        return None
    due = Due(category=category, expires_at=each.push.expires_at)
    # It was paid for when it was handed over.
    attention = Attention(counted=True, rest_until=rest)
    plan = decide(due, wishes, attention, now)
    if isinstance(plan, Defer):
        return Settled(
            id=each.id, state=PushState.DUE, fault=plan.why, due_at=plan.until, untried=True
        )
    if isinstance(plan, Digest | Drop):
        return Settled(id=each.id, state=PushState.DROPPED, fault=plan.why)
    if wishes is not None and not wishes.want(category, Channel.PUSH):
        return Settled(id=each.id, state=PushState.DROPPED, fault="switched_off")
    return None
