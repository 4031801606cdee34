"""Tells those who take part what was reached, or that it is over: in the worker, page by page."""

from collections.abc import Collection
from functools import partial
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from gamification.catalogue.definitions import Words
from gamification.challenges.asking import ask_no_more
from gamification.challenges.challenge import COLUMNS, EVERYBODY, Challenge
from ground.engine import fetch, fetchrow
from ground.jobs import defer
from ground.unit_of_work import retried, unit_of_work
from notifications.notify import notify_many, telling

NOTIFY: Final = "challenges.notify"
AT_ONCE: Final = 500
What = Literal["milestone", "completed", "ended", "cancelled", "word"]
WHOLE: Final = 100

_PAGE: Final = """
SELECT DISTINCT member_id FROM challenge_participation
WHERE challenge = $1 AND member_id > $2 AND (left_at IS NULL OR given > 0)
    AND ($3::uuid[] IS NULL OR team = ANY($3))
ORDER BY member_id LIMIT $4
"""

# The one that is named, or else why it was cancelled.
_WORD: Final = """
SELECT words FROM challenge_word
WHERE challenge = $1 AND coalesce(id = $2, about = 'cancelled') ORDER BY id DESC LIMIT 1
"""


async def notify_later(
    challenge: Challenge,
    what: What,
    *,
    percent: int = WHOLE,
    teams: Collection[UUID] = (),
    word: int | None = None,
) -> None:
    """Leave it to the worker to tell those who take part, in the transaction that decides it."""
    among = [] if EVERYBODY in teams else [str(each) for each in teams]
    args: dict[str, Any] = {"challenge": str(challenge.id), "what": what, "percent": percent}
    await defer(NOTIFY, args | {"teams": among} | ({} if word is None else {"word": word}))


async def notify_participants(
    challenge: str, what: What, percent: int, teams: list[str], word: int | None = None
) -> int:
    """Tell everybody once, also when a crash makes it begin anew. Return how many there are."""
    row = await fetchrow(f"SELECT {COLUMNS} FROM challenge WHERE id = $1", UUID(challenge))  # noqa: S608
    if row is None:
        return 0
    about = Challenge.of(row)
    if what in {"ended", "cancelled"}:
        await retried(partial(ask_no_more, about.id))
    facts = await _facts(about, what, percent, word)
    once = f"challenge.{what}:{challenge}:{percent if word is None else word}"
    among = [UUID(each) for each in teams] or None
    told, last = 0, UUID(int=0)
    while page := await fetch(_PAGE, about.id, last, among, AT_ONCE):
        async with unit_of_work():
            await notify_many(
                [
                    telling(each["member_id"], f"challenge.{what}", once=once, **facts)
                    for each in page
                ]
            )
        told, last = told + len(page), page[-1]["member_id"]
    return told


async def _facts(
    challenge: Challenge, what: What, percent: int, word: int | None
) -> dict[str, Any]:
    facts: dict[str, Any] = {"challenge": str(challenge.id), "name": challenge.texts.title}
    if what == "milestone":
        return facts | {"percent": percent}
    if what in {"cancelled", "word"}:
        row = await fetchrow(_WORD, challenge.id, word)
        if row is not None:
            said = msgspec.json.decode(row["words"], type=Words)
            return facts | {"word" if what == "word" else "reason": said}
    return facts
