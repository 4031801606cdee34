"""Counting a member's part from the ledger: when they join, and where differences don't tell."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from gamification.challenges.challenge import Challenge
from gamification.challenges.giving import Place, give
from gamification.challenges.share import Turns, done_by_day
from gamification.ledger import journal
from gamification.rules.criteria import ANY_KIND
from gamification.rules.facts import Fact, as_known_at, live
from ground.engine import fetch

Pair = tuple[UUID, UUID]

_TEAMS: Final = """
SELECT p.challenge, p.member_id, p.team, p.turns
FROM unnest($1::uuid[], $2::uuid[]) AS w (challenge, member_id)
JOIN challenge_participation p ON p.challenge = w.challenge AND p.member_id = w.member_id
"""

_DONE: Final = """
SELECT c.challenge, c.member_id, c.day, c.team, c.done
FROM unnest($1::uuid[], $2::uuid[]) AS w (challenge, member_id)
JOIN challenge_contribution c ON c.challenge = w.challenge AND c.member_id = w.member_id
"""


async def recount(pairs: Collection[Pair], challenges: Mapping[UUID, Challenge]) -> set[UUID]:
    """Make what these members gave as the ledger says. Their rows are held by the caller.

    Return whose days weren't.
    """
    if not pairs:
        return set()
    wanted = await expected(pairs, challenges)
    there = await stored(pairs)
    changes = {place: wanted.get(place, 0) - there.get(place, 0) for place in {*wanted, *there}}
    await give(changes, challenges)
    return {place.member_id for place, done in changes.items() if done}


async def stored(pairs: Collection[Pair]) -> dict[Place, int]:
    """What is kept of what these members did."""
    rows = await fetch(_DONE, *_columns(pairs))
    return {Place(*tuple(row)[:4]): row["done"] for row in rows}


async def expected(
    pairs: Collection[Pair], challenges: Mapping[UUID, Challenge]
) -> dict[Place, int]:
    """What these members did, by the ledger and their turns alone."""
    turns: dict[Pair, list[tuple[UUID, Turns]]] = defaultdict(list)
    for row in await fetch(_TEAMS, *_columns(pairs)):
        turns[row["challenge"], row["member_id"]].append((row["team"], tuple(row["turns"])))
    facts = await _facts(turns.keys(), challenges)
    found: dict[Place, int] = {}
    for (challenge_id, member_id), teams in turns.items():
        challenge = challenges[challenge_id]
        theirs = _known(facts.get(member_id, ()), challenge.closed_at)
        for team, their_turns in teams:
            for day, done in done_by_day(challenge, theirs, their_turns).items():
                found[Place(challenge_id, member_id, day, team)] = done
    return found


def _known(facts: Collection[Fact], closed_at: datetime | None) -> tuple[Fact, ...]:
    return live(as_known_at(facts, closed_at))


async def _facts(
    pairs: Collection[Pair], challenges: Mapping[UUID, Challenge]
) -> dict[UUID, list[Fact]]:
    """The members' facts of the kinds that matter, each once."""
    whole = {member for id_, member in pairs if challenges[id_].counts.kind == ANY_KIND}
    kinds = {(member, challenges[id_].counts.kind) for id_, member in pairs if member not in whole}
    found: dict[UUID, list[Fact]] = defaultdict(list)
    for fact in [*await journal.of_members(whole), *await journal.of_kinds(kinds)]:
        found[fact.member_id].append(fact)
    return found


def _columns(pairs: Collection[Pair]) -> list[list[UUID]]:
    return [list(column) for column in zip(*sorted(pairs), strict=True)]
