"""The badge for everyone who helped: given by a challenge, as managers give one by hand."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from gamification.by_hand import rulings
from gamification.by_hand.carrying_out import around
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.rule import Rule
from gamification.catalogue.service import in_force
from gamification.challenges.challenge import COLUMNS, Challenge
from gamification.ledger import intake
from gamification.recognition.settle import settle_members
from ground import clock
from ground.engine import fetch, fetchrow
from ground.unit_of_work import retried, unit_of_work

AT_ONCE: Final = 200
# No act of a manager's: the subject of the award names the challenge that gave it.
BY_A_CHALLENGE: Final = 0

_ONE: Final = f"SELECT {COLUMNS} FROM challenge WHERE id = $1"  # noqa: S608 - constant columns

# Whoever helped a team that reached the goal, and whether they have the badge already. Who has
# it, and whose part turned out never to have happened, is found too.
_HELPERS: Final = """
SELECT p.member_id,
    bool_or(p.given > 0 AND m.id IS NOT NULL) AS helped,
    bool_or(a.id IS NOT NULL) AS has
FROM challenge_participation p
LEFT JOIN challenge_milestone m ON m.challenge = p.challenge AND m.team = p.team
    AND m.percent = 100 AND NOT m.stretch
LEFT JOIN award a ON a.member_id = p.member_id AND a.badge = $2 AND a.subject = $3
    AND a.season = '' AND a.taken_back_at IS NULL AND a.hand IS NOT NULL
WHERE p.challenge = $1 AND p.member_id > $4
GROUP BY p.member_id ORDER BY p.member_id LIMIT $5
"""


async def thank(challenge_id: UUID) -> int:
    """Give the badge to everyone who helped, once, page by page. Return to how many now.

    After a crash it begins anew and passes by who has it. Who turned out not to have helped
    after all has it taken back, as with every badge.
    """
    row = await fetchrow(_ONE, challenge_id)
    if row is None or row["badge"] is None:
        return 0
    challenge = Challenge.of(row)
    last, thanked = UUID(int=0), 0
    while True:
        rows = await fetch(
            _HELPERS, challenge.id, challenge.badge, str(challenge.id), last, AT_ONCE
        )
        to_thank = [row["member_id"] for row in rows if row["helped"] and not row["has"]]
        to_leave = [row["member_id"] for row in rows if row["has"] and not row["helped"]]
        thanked += await _page(challenge, to_thank, to_leave)
        if len(rows) < AT_ONCE:
            return thanked
        last = rows[-1]["member_id"]


async def _page(
    challenge: Challenge, to_thank: Collection[UUID], to_leave: Collection[UUID]
) -> int:
    if not (to_thank or to_leave):
        return 0

    async def ruled() -> int:
        async with unit_of_work():
            catalogue = await in_force(await intake.catalogue_revision())
            rule = _rule(catalogue, challenge)
            if rule is None:
                return 0
            held = await intake.hold_players([*to_thank, *to_leave])
            there = [each for each in to_thank if each in held and held[each].state == "active"]
            await _rule_over(challenge, rule, there, gives=True)
            await _rule_over(challenge, rule, to_leave, gives=None)
            await settle_members([*there, *to_leave], around(catalogue, {rule.node}))
        return len(there)

    return await retried(ruled)


async def _rule_over(
    challenge: Challenge, rule: Rule, members: Collection[UUID], *, gives: bool | None
) -> None:
    if members:
        places = [(each, rule.slug, str(challenge.id), "") for each in members]
        await rulings.rule(
            BY_A_CHALLENGE, places, gives=gives, version=rule.version, at=clock.now()
        )


def _rule(catalogue: Catalogue, challenge: Challenge) -> Rule | None:
    """The rule of the badge; none when the catalogue knows it no more."""
    found = catalogue.rules_by_node.get(("badge", challenge.badge or ""))
    return None if found is None or found.retired else found
