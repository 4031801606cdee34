"""Challenges for managers."""

import re
from typing import Final
from uuid import UUID

from community.challenges.managed.views import ForeseenView, ManagedChallengeView
from gamification.challenges import managing, preview, reading
from gamification.challenges.definition import ChallengeDefinition
from ground import clock
from ground.callers import Caller
from ground.http import Page
from ground.languages import Language
from ground.preconditions import PreconditionFailed, PreconditionMissing

ETAG: Final = re.compile(r'"([0-9]{1,9})"')


async def one(challenge_id: UUID) -> ManagedChallengeView:
    """A challenge, whatever became of it."""
    seen = await reading.one(challenge_id, None, drafts=True)
    return ManagedChallengeView.of(seen, clock.now())


async def all_of_them(limit: int, cursor: str | None) -> Page[ManagedChallengeView]:
    """All challenges, the newest first."""
    found, following = await reading.for_managers(limit=limit, cursor=cursor)
    now = clock.now()
    return Page(items=[ManagedChallengeView.of(each, now) for each in found], next_cursor=following)


async def foresee(definition: ChallengeDefinition, language: Language) -> ForeseenView:
    """What would have come of it."""
    return ForeseenView.of(await preview.foresee(definition), language)


async def change(
    challenge_id: UUID, definition: ChallengeDefinition, if_match: str | None, *, by: Caller
) -> None:
    """Change a challenge that the caller has seen as it is."""
    await managing.change(challenge_id, definition, revision=seen_revision(if_match), by=by)


def seen_revision(if_match: str | None) -> int | None:
    """The revision that a change is based on; any, for `*`."""
    if if_match is None:
        raise PreconditionMissing
    if if_match.strip() == "*":
        return None
    found = ETAG.fullmatch(if_match.strip())
    if found is None:
        raise PreconditionFailed
    return int(found[1])
