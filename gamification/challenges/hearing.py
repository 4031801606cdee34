"""Hearing what is credited and reversed: the part of crediting that is about challenges."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from gamification.challenges.challenge import Challenge
from gamification.challenges.giving import Place, give
from gamification.challenges.listening import Listening, listening
from gamification.challenges.recounting import recount
from gamification.challenges.share import Turns, concerns, moment_of, takes_part, worth
from gamification.rules.criteria import Distinct
from gamification.rules.facts import Fact
from ground.engine import fetch

Signed = tuple[Fact, int]

_TAKING_PART: Final = """
SELECT p.challenge, p.member_id, p.team, p.turns
FROM unnest($1::uuid[], $2::uuid[]) AS w (challenge, member_id)
JOIN challenge_participation p ON p.challenge = w.challenge AND p.member_id = w.member_id
"""


class _Heard(NamedTuple):
    challenge: Challenge
    fact: Fact
    sign: int


async def hear(revision: int, changes: Sequence[Signed]) -> None:
    """Let challenges hear of facts that came (+1) or were reversed (-1).

    The caller holds the catalogue and the members' rows. Where no open challenge is about any of
    these, it asks PostgreSQL nothing; else the number of statements doesn't grow with the batch.
    """
    open_now = await listening(revision)
    heard = list(_heard(open_now, changes))
    if not heard:
        return
    turns = await _taking_part({(each.challenge.id, each.fact.member_id) for each in heard})
    gains: dict[Place, int] = defaultdict(int)
    anew = set[tuple[UUID, UUID]]()
    for challenge, fact, sign in heard:
        for team, theirs in turns.get((challenge.id, fact.member_id), ()):
            if not takes_part(theirs, moment_of(fact)):
                continue
            if isinstance(challenge.counts, Distinct):
                anew.add((challenge.id, fact.member_id))
            else:
                place = Place(challenge.id, fact.member_id, fact.day, team)
                gains[place] += sign * worth(challenge, fact)
    await give(gains, open_now.by_id)
    await recount(anew, open_now.by_id)


def _heard(open_now: Listening, changes: Iterable[Signed]) -> Iterable[_Heard]:
    for fact, sign in changes:
        for challenge in open_now.to(fact.kind):
            if concerns(challenge, fact):
                yield _Heard(challenge, fact, sign)


async def _taking_part(
    pairs: Collection[tuple[UUID, UUID]],
) -> dict[tuple[UUID, UUID], list[tuple[UUID, Turns]]]:
    """Who takes or took part, in which team and when."""
    rows = await fetch(_TAKING_PART, *map(list, zip(*sorted(pairs), strict=True)))
    found: dict[tuple[UUID, UUID], list[tuple[UUID, Turns]]] = defaultdict(list)
    for row in rows:
        key = (row["challenge"], row["member_id"])
        found[key].append((row["team"], tuple(row["turns"])))
    return found
