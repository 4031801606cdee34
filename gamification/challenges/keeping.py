"""Reading and writing the row of one challenge, and telling that it changed."""

from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

import asyncpg
import msgspec

from gamification.catalogue.definitions import Words
from gamification.challenges.challenge import COLUMNS, Challenge, Texts
from gamification.challenges.definition import ChallengeDefinition
from gamification.challenges.errors import ChallengeNotFound
from gamification.challenges.events import ChallengeChanged, Stage
from ground.engine import fetchrow
from notifications.announce import announce

_INSERT: Final = f"""
INSERT INTO challenge (id, words, team, counts, goal, stretch_goal, milestones, starts_at, ends_at,
    daily_cap, counts_since_start, shows_ranking, badge, season, segment, pauses, state, revision,
    made_by, made_at)
VALUES ($1, $2::jsonb, $3, $4::jsonb, $5, $6, $7::int[], $8, $9, $10, $11, $12, $13, $14, $15,
    '{{}}', 'draft', 1, $16, $17)
RETURNING {COLUMNS}
"""  # noqa: S608 - the constant list of columns

_REWRITE: Final = f"""
UPDATE challenge
SET words = $2::jsonb, team = $3, counts = $4::jsonb, goal = $5, stretch_goal = $6,
    milestones = $7::int[], starts_at = $8, ends_at = $9, daily_cap = $10,
    counts_since_start = $11, shows_ranking = $12, badge = $13, season = $14, segment = $15,
    revision = revision + 1
WHERE id = $1 RETURNING {COLUMNS}
"""  # noqa: S608

_MOVE: Final = f"""
UPDATE challenge
SET state = $2, published_at = $3, starts_at = $4, ends_at = $5, pauses = $6::timestamptz[],
    reached_at = $7, over_at = $8, closed_at = $9, revision = revision + 1
WHERE id = $1 RETURNING {COLUMNS}
"""  # noqa: S608

_LOCK: Final = f"SELECT {COLUMNS} FROM challenge WHERE id = $1 FOR UPDATE"  # noqa: S608


async def locked(challenge_id: UUID) -> Challenge:
    """A challenge that nobody else changes until this transaction ends."""
    return _found(await fetchrow(_LOCK, challenge_id))


async def insert(
    challenge_id: UUID, definition: ChallengeDefinition, made_by: str, now: datetime
) -> Challenge:
    """Write a draft."""
    return _found(await fetchrow(_INSERT, challenge_id, *_values(definition), made_by, now))


async def rewrite(challenge_id: UUID, definition: ChallengeDefinition) -> Challenge:
    """Write another definition in its place."""
    return _found(await fetchrow(_REWRITE, challenge_id, *_values(definition)))


async def moved(challenge: Challenge, **changes: Any) -> Challenge:
    """Write where it stands now."""
    now = msgspec.structs.replace(challenge, **changes)
    row = await fetchrow(
        _MOVE,
        now.id,
        now.state.value,
        now.published_at,
        now.starts_at,
        now.ends_at,
        list(now.pauses),
        now.reached_at,
        now.over_at,
        now.closed_at,
    )
    return _found(row)


def tell_change(challenge: Challenge, word: Words | None = None) -> None:
    """Announce where it stands, with a word to those who take part."""
    announce(
        challenge.channel,
        ChallengeChanged(
            challenge_id=challenge.id,
            state=cast(Stage, challenge.state.value),
            starts_at=challenge.starts_at,
            ends_at=challenge.ends_at,
            revision=challenge.revision,
            word=word,
        ),
    )


def paused_for(challenge: Challenge, now: datetime) -> timedelta:
    """How long it has been paused in all."""
    turns = [*challenge.pauses, *([now] if len(challenge.pauses) % 2 else [])]
    return sum(
        (end - start for start, end in zip(turns[::2], turns[1::2], strict=True)), timedelta()
    )


def _found(row: asyncpg.Record | None) -> Challenge:
    if row is None:
        raise ChallengeNotFound
    return Challenge.of(row)


def _values(definition: ChallengeDefinition) -> tuple[Any, ...]:
    texts = Texts(
        title=definition.title, description=definition.description, thanks=definition.thanks
    )
    return (
        msgspec.json.encode(texts).decode(),
        definition.team,
        msgspec.json.encode(definition.counts).decode(),
        definition.goal,
        definition.stretch_goal,
        list(definition.milestones),
        definition.starts_at,
        definition.ends_at,
        definition.daily_cap,
        definition.counts_since_start,
        definition.shows_ranking,
        definition.badge,
        definition.season,
        definition.segment,
    )
