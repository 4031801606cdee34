"""Asks those whom a challenge is for, once it can be joined: each once, and nobody after a no."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from gamification.challenges.audience import is_in
from gamification.challenges.challenge import COLUMNS, Challenge
from ground import clock
from ground.engine import fetch, fetchrow
from ground.jobs import defer
from ground.unit_of_work import retried, unit_of_work
from notifications.notify import notify_many, take_back, telling

ASK: Final = "challenges.ask"
AT_ONCE: Final = 500
CATEGORY: Final = "challenge.opened"

# Who runs the programme doesn't have to be asked.
_PAGE: Final = """
SELECT member_id FROM player WHERE state = 'active' AND NOT staff AND member_id > $1
ORDER BY member_id LIMIT $2
"""


async def ask_later(challenge: Challenge) -> None:
    """Leave it to the worker to ask, in the transaction in which it opens."""
    await defer(ASK, {"challenge": str(challenge.id)})


async def ask_all(challenge: str) -> int:
    """Ask everybody once, also when a crash makes it begin anew. Return how many are asked."""
    row = await fetchrow(f"SELECT {COLUMNS} FROM challenge WHERE id = $1", UUID(challenge))  # noqa: S608
    if row is None:
        return 0
    about = Challenge.of(row)
    asked, last = 0, UUID(int=0)
    while about.is_open(clock.now()) and (page := await fetch(_PAGE, last, AT_ONCE)):
        asked += await _ask(about, [each["member_id"] for each in page])
        last = page[-1]["member_id"]
    return asked


async def may_be_asked(challenge_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Who of these was neither in, nor left, nor said no."""
    rows = await fetch(
        """
        SELECT m FROM unnest($2::uuid[]) AS w (m)
        WHERE NOT EXISTS (SELECT FROM challenge_declined d
                WHERE d.challenge = $1 AND d.member_id = m)
            AND NOT EXISTS (SELECT FROM challenge_participation p
                WHERE p.challenge = $1 AND p.member_id = m)
        """,
        challenge_id,
        list(member_ids),
    )
    return {row["m"] for row in rows}


async def ask_no_more(challenge_id: UUID, member_id: UUID | None = None) -> None:
    """Take back what waits to be asked: of a member who answered, or of everybody."""
    await take_back(CATEGORY, {"challenge": str(challenge_id)}, member_id)


async def _ask(challenge: Challenge, member_ids: Collection[UUID]) -> int:
    async def asked() -> int:
        async with unit_of_work():
            may = await may_be_asked(challenge.id, member_ids)
            if challenge.segment is not None and may:
                may &= await is_in(challenge.segment, may)
            once = f"{CATEGORY}:{challenge.id}"
            facts: dict[str, Any] = {"challenge": str(challenge.id), "name": challenge.texts.title}
            await notify_many([telling(each, CATEGORY, once=once, **facts) for each in sorted(may)])
        return len(may)

    return await retried(asked)
