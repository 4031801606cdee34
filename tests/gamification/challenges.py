"""Challenges for tests: written, published, and looked at."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from gamification.challenges import managing, reading
from gamification.challenges.challenge import Challenge
from gamification.challenges.definition import ChallengeDefinition
from ground.callers import Caller, CallerKind
from ground.roles import Role

STARTS = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
MAYA = Caller(kind=CallerKind.MEMBER, member_id=UUID(int=0x4A7A), role=Role.MANAGER)
WORDS = {"fr": "Un mot", "en": "A word"}


def written(**changes: object) -> ChallengeDefinition:
    """Ten posts within ten days, together."""
    raw = {
        "title": WORDS,
        "description": WORDS,
        "counts": {"term": "count", "kind": "post", "at_least": 10},
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(days=10),
        **changes,
    }
    return msgspec.convert(raw, ChallengeDefinition)


async def published(**changes: object) -> Challenge:
    """The same, published."""
    draft = await managing.create(written(**changes), by=MAYA)
    return await managing.publish(draft.id, by=MAYA)


async def done(challenge: Challenge) -> int:
    """What everybody reached together."""
    seen = await reading.one(challenge.id, None)
    return 0 if seen.reached is None else seen.reached.done
