"""What managers do with challenges: each an act with its audit entry, announced to who follows."""

from datetime import datetime
from uuid import UUID

from gamification.catalogue.definitions import Words
from gamification.challenges.challenge import Challenge
from gamification.challenges.definition import ChallengeDefinition
from ground.callers import Caller


async def create(definition: ChallengeDefinition, *, by: Caller) -> Challenge:
    """Write a draft. `ChallengeInvalid` with all that speaks against it."""
    raise NotImplementedError


async def change(
    challenge_id: UUID, definition: ChallengeDefinition, *, revision: int | None, by: Caller
) -> Challenge:
    """Change a challenge. Once it has started only its texts and `shows_ranking` can change.

    `ChallengeChanged` when `revision` is given and isn't the present one.
    """
    raise NotImplementedError


async def discard(challenge_id: UUID, *, by: Caller) -> None:
    """Throw a draft away. What is published is cancelled instead."""
    raise NotImplementedError


async def publish(challenge_id: UUID, *, by: Caller) -> Challenge:
    """Let it be seen and joined; it starts at its date, with whoever is in. Again: no change."""
    raise NotImplementedError


async def extend(
    challenge_id: UUID, ends_at: datetime, word: Words | None, *, by: Caller
) -> Challenge:
    """Let it end later, with a word to those who take part."""
    raise NotImplementedError


async def pause(challenge_id: UUID, word: Words | None, *, by: Caller) -> Challenge:
    """Let nothing count for a while. Again: no change."""
    raise NotImplementedError


async def resume(challenge_id: UUID, word: Words | None, *, by: Caller) -> Challenge:
    """Go on. Its end moves on by as long as it paused: a pause costs nobody anything."""
    raise NotImplementedError


async def cancel(challenge_id: UUID, word: Words | None, *, by: Caller) -> Challenge:
    """End it now, reached or not. What was earned stays earned. Again: no change."""
    raise NotImplementedError
