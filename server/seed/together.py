"""What the demo reaches together: two squads, a challenge of everybody's and one of squads."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gamification.catalogue.definitions import Words
from gamification.challenges import managing, taking_part
from gamification.challenges.definition import ChallengeDefinition
from gamification.rules.criteria import ANY_KIND, Count
from gamification.squads import service as squads
from ground import clock
from ground.callers import Caller

LASTS: Final = timedelta(days=42)

# The first of each founded it.
SQUADS: Final[dict[str, tuple[str, ...]]] = {
    "Les Lucioles": ("camille", "nadia", "louise", "mehdi", "manon"),
    "Night Lights": ("grace", "priya", "sam", "liam"),
}
# They look on, as anybody may.
NOT_IN_IT: Final = frozenset({"theo", "oliver", "jeanne", "noah", "manager", "moderator", "admin"})


async def begin_together(ids: Mapping[str, UUID], *, by: Caller) -> None:
    """Begin both challenges now, with the squads and most of those who are there already."""
    now = clock.now()
    everybody = await _published(_everybodys(now), by)
    for uid, member_id in ids.items():
        if uid not in NOT_IN_IT:
            await taking_part.join(everybody, member_id)
    of_squads = await _published(_of_squads(now), by)
    for name, uids in SQUADS.items():
        founder, *others = [ids[uid] for uid in uids]
        squad = await squads.found(founder, name, is_open=True, appears=True)
        for member_id in others:
            await squads.join(squad, member_id, appears=True)
        for uid in uids:
            await taking_part.join_with(of_squads, squad, ids[uid])


async def _published(definition: ChallengeDefinition, by: Caller) -> UUID:
    draft = await managing.create(definition, by=by)
    return (await managing.publish(draft.id, by=by)).id


def _everybodys(now: datetime) -> ChallengeDefinition:
    return ChallengeDefinition(
        title=Words(fr="Six semaines lumineuses", en="Six bright weeks"),
        description=Words(
            fr="Chaque geste compte, petit ou grand : on y arrive ensemble, chacun à son rythme.",
            en="Every gesture counts, small or large: we get there together, each at one’s pace.",
        ),
        thanks=Words(
            fr="Nous y sommes, et votre part y est. Merci !",
            en="Here we are, and your part is in it. Thank you!",
        ),
        counts=Count(kind=ANY_KIND, at_least=1_000),
        stretch_goal=1_500,
        starts_at=now,
        ends_at=now + LASTS,
        daily_cap=10,
    )


def _of_squads(now: datetime) -> ChallengeDefinition:
    return ChallengeDefinition(
        title=Words(fr="À plusieurs, on répond mieux", en="Several answer better than one"),
        description=Words(
            fr="Chaque escouade donne 60 réponses, à son rythme.",
            en="Each squad gives 60 answers, at its own pace.",
        ),
        team="squad",
        counts=Count(kind="answer", at_least=60),
        starts_at=now,
        ends_at=now + LASTS,
        daily_cap=5,
    )
