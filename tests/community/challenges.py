"""A challenge as these tests write it, and what people do for it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from gamification.credit import credit_many
from gamification.ledger.activity import Activity
from ground import clock
from ground.engine import execute

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WORD = {"fr": "Une semaine de plus, sans se presser.", "en": "One more week, without a hurry."}
TOGETHER = {
    "slug": "together",
    "name": {"fr": "Ensemble", "en": "Together"},
    "description": {"fr": "Vous y étiez.", "en": "You were there."},
    "criteria": {"term": "by_hand"},
}
TITLE = {"fr": "Cent avis ensemble", "en": "A hundred reviews together"}
DRAFT: dict[str, Any] = {
    "title": TITLE,
    "description": {"fr": "Chaque avis compte.", "en": "Every review counts."},
    "thanks": {"fr": "Merci d’en avoir été.", "en": "Thank you for being part of it."},
    "counts": {"term": "count", "kind": "review", "at_least": 8},
    "starts_at": "2026-11-02T09:00:00Z",
    "ends_at": "2026-11-30T09:00:00Z",
    "daily_cap": 3,
}


async def reviews(someone, number, at=None):
    """Let somebody write so many reviews."""
    await credit_many(
        [
            Activity(
                member_id=someone.id,
                kind="review",
                source="test",
                key=str(uuid4()),
                occurred_at=at or clock.now(),
            )
            for _ in range(number)
        ]
    )


async def seen_by_all(*people):
    ids = [each.id for each in people]
    await execute("UPDATE player SET visibility = 'name' WHERE member_id = ANY($1)", ids)
