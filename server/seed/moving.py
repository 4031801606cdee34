"""The demo moves by itself a little: now and then somebody of it does something."""

import asyncio
import random
from typing import Final
from uuid import UUID, uuid4

import structlog

from community.charter.tables import Channel
from gamification.credit import credit
from gamification.ledger.activity import PARENT, Activity, Credited
from ground import clock
from ground.engine import fetch

log = structlog.get_logger(__name__)

SOURCE: Final = "demo"
SHORTEST_SECONDS, LONGEST_SECONDS = 3.0, 5.0
PATIENCE_SECONDS: Final = 30.0

# Of the made-up people only: nobody who joined of their own will is ever moved.
_PEOPLE: Final = """
SELECT DISTINCT member.id FROM member
JOIN charter_acceptance ON charter_acceptance.member = member.id
WHERE member.state = 'active' AND charter_acceptance.channel = $1
ORDER BY member.id
"""
# How often what is done: mostly small things.
KINDS: Final = {"answer": 5, "thanks": 4, "post": 3, "feedback": 2, "review": 2}


async def move_regularly() -> None:
    """Let the demo do something every few seconds, until cancelled. An outage only interrupts."""
    # Not for secrets.
    dice = random.Random()  # noqa: S311
    while True:
        wait = dice.uniform(SHORTEST_SECONDS, LONGEST_SECONDS)
        try:
            if await move(dice) is None:
                wait = PATIENCE_SECONDS
        except Exception:
            # It is there to be looked at: the next one may do better.
            log.exception("demo_stumbled")
            wait = PATIENCE_SECONDS
        await asyncio.sleep(wait)


async def move(dice: random.Random) -> Credited | None:
    """Let somebody of the demo do one thing. Without a demo nothing is done."""
    people = [row["id"] for row in await fetch(_PEOPLE, Channel.DEMO.value)]
    if not people:
        return None
    return await credit(_something(dice, people))


def _something(dice: random.Random, people: list[UUID]) -> Activity:
    """What one of them might do."""
    who = dice.choice(people)
    [kind] = dice.choices(list(KINDS), weights=list(KINDS.values()))
    key = f"moving-{uuid4()}"
    fields: dict[str, str] = {}
    if kind == "answer":
        fields[PARENT] = f"demo-post:{dice.randint(1, 99)}"
    if kind == "thanks":
        fields["giver"] = str(dice.choice(people))
    return Activity(
        member_id=who,
        kind=kind,
        source=SOURCE,
        key=key,
        occurred_at=clock.now(),
        subject=f"demo-{kind}:{key}",
        fields=dict(fields),
    )
