"""What somebody earned, to take with them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from community.members.errors import NotAMemberAnyMore
from gamification.badges import service as badges
from gamification.standings import service as standings
from ground import clock
from ground.engine import fetchval
from ground.languages import Language

PAGE = 100


class BadgeEarned(msgspec.Struct, frozen=True, kw_only=True):
    """A badge on a receipt."""

    name: Annotated[str, Meta(max_length=500, examples=["Première réponse"])]
    subject: Annotated[
        str, Meta(max_length=200, description="What it was earned with.", examples=["post:42"])
    ]
    awarded_at: datetime


class ReceiptView(msgspec.Struct, frozen=True, kw_only=True):
    """What you earned, in words that stand by themselves. Keep it where you like."""

    joined_at: datetime
    issued_at: datetime
    points: int
    tier: (
        Annotated[
            str,
            Meta(max_length=500, description="The tier you are in.", examples=["Compagnon"]),
        ]
        | None
    )
    badges: Annotated[list[BadgeEarned], Meta(description="All of them, the newest first.")]


async def receipt(member_id: UUID, language: Language) -> ReceiptView:
    """A member's receipt, in one language."""
    joined_at = await fetchval(
        "SELECT joined_at FROM member WHERE id = $1 AND state = 'active'", member_id
    )
    if joined_at is None:
        raise NotAMemberAnyMore
    now = clock.now()
    standing = await standings.standing(member_id, language, now)
    return ReceiptView(
        joined_at=joined_at,
        issued_at=now,
        points=standing.points,
        tier=None if standing.tier is None else standing.tier.name,
        badges=await _badges(member_id, language),
    )


async def _badges(member_id: UUID, language: Language) -> list[BadgeEarned]:
    earned: list[BadgeEarned] = []
    cursor: str | None = None
    while True:
        page = await badges.held(member_id, language, PAGE, cursor)
        earned += [
            BadgeEarned(name=badge.name, subject=badge.subject, awarded_at=badge.awarded_at)
            for badge in page.items
        ]
        cursor = page.next_cursor
        if cursor is None:
            return earned
