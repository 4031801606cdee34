"""Campaigns, and many to send them to."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from ground import clock
from ground.engine import execute, fetch

# A Wednesday, three in the afternoon in Paris.
NOON = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

CAMPAIGN: dict[str, Any] = {
    "title": {"fr": "Les résultats sont là", "en": "The results are here"},
    "body": {"fr": "Mille critiques à vous tous.", "en": "A thousand reviews by all of you."},
    "kind": "news",
    "link": "/challenges",
}
ASKING = CAMPAIGN | {"kind": "solicitation"}


async def crowd(number: int, first: int = 1_000) -> list[UUID]:
    """Members who joined, some at a time."""
    members = [UUID(int=first + each) for each in range(number)]
    await execute(
        "INSERT INTO player (member_id, state, joined_at)"
        " SELECT m, 'active', $2 FROM unnest($1::uuid[]) m",
        members,
        clock.now(),
    )
    await execute(
        "INSERT INTO preferences (member_id, locale, time_zone)"
        " SELECT m, 'fr', 'Europe/Paris' FROM unnest($1::uuid[]) m",
        members,
    )
    return members


async def phone(member_id: UUID) -> None:
    """A device on which a member can be reached."""
    await execute(
        "INSERT INTO device (id, member_id, token, platform, first_seen_at, last_seen_at)"
        " VALUES ($1, $1, $2, 'android', $3, $3)",
        member_id,
        f"token-{member_id}",
        clock.now(),
    )


async def told(campaign: str) -> list[UUID]:
    """To whom it went, each as often as it did."""
    rows = await fetch(
        "SELECT member_id FROM notification WHERE facts ->> 'campaign' = $1 ORDER BY member_id",
        campaign,
    )
    return [row["member_id"] for row in rows]
