"""Challenges with the names of who helps."""

from collections.abc import Collection, Sequence
from uuid import UUID

from community.challenges.views import (
    ChallengeView,
    ContributorView,
    FollowedView,
    OneChallengeView,
    SquadProgressView,
    whose,
)
from community.profiles.service import shown_names
from gamification.catalogue.service import current
from gamification.challenges import reading, taking_part
from gamification.challenges.challenge import Challenge
from gamification.challenges.reading import Seen, Thanks, When
from gamification.challenges.tables import Team
from gamification.squads import reading as squads
from gamification.squads import service as in_squads
from gamification.squads.errors import SquadNotFound
from ground import clock
from ground.http import Page
from ground.languages import Language
from ground.unit_of_work import retried, unit_of_work
from notifications.announcements import history

A_FEW = 5


async def several(
    when: When, member_id: UUID, language: Language, limit: int, cursor: str | None
) -> Page[ChallengeView]:
    """Challenges that run, come or are past, for a member."""
    found, following = await reading.several(when, member_id, limit=limit, cursor=cursor)
    catalogue, now = await current(), clock.now()
    return Page(
        items=[ChallengeView.of(each, catalogue, language, now) for each in found],
        next_cursor=following,
    )


async def one(challenge_id: UUID, member_id: UUID, language: Language) -> OneChallengeView:
    """A challenge as a member sees it, and from where on to follow it."""
    # Nobody opens a channel by asking for what isn't there.
    await reading.refuse_unknown(challenge_id)
    # What is told from here on comes after it, so that nothing falls in between.
    told = await history.read(f"challenge:{challenge_id}", None, 1)
    seen = await reading.one(challenge_id, member_id)
    thanks, _ = await _thanks(seen, None, A_FEW, None)
    return OneChallengeView(
        challenge=ChallengeView.of(seen, await current(), language, clock.now()),
        contributors=await _named(seen.challenge, thanks, member_id),
        live=FollowedView(channel=seen.challenge.channel, position=told.position, epoch=told.epoch),
    )


async def contributions(
    challenge_id: UUID, squad: UUID | None, member_id: UUID, limit: int, cursor: str | None
) -> Page[ContributorView]:
    """Who helped and chose to appear."""
    seen = await reading.one(challenge_id, member_id)
    found, following = await _thanks(seen, squad, limit, cursor)
    return Page(items=await _named(seen.challenge, found, member_id), next_cursor=following)


async def of_squads(
    challenge_id: UUID, member_id: UUID, limit: int, cursor: str | None
) -> Page[SquadProgressView]:
    """How far each squad has come. Of one that isn't open, only its own members read the name."""
    seen = await reading.one(challenge_id, member_id)
    found, following = await reading.teams(challenge_id, limit=limit, cursor=cursor)
    names, mine = await squads.names_for([each.team for each in found], member_id)
    return Page(
        items=[SquadProgressView.of(seen.challenge, each, names, mine) for each in found],
        next_cursor=following,
    )


async def join(challenge_id: UUID, member_id: UUID, squad_id: UUID | None) -> None:
    """Take part, with a squad where one is named."""
    # Who isn't among those whom it is for is told that there is no such challenge.
    await reading.one(challenge_id, member_id)
    if squad_id is None:
        await taking_part.join(challenge_id, member_id)
        return

    async def joined() -> None:
        async with unit_of_work():
            # Held, so that nobody leaves the squad meanwhile.
            await in_squads.hold_newcomer(member_id)
            if not await in_squads.is_mate(squad_id, member_id):
                raise SquadNotFound
            await taking_part.join_with(challenge_id, squad_id, member_id)

    await retried(joined)


async def decline(challenge_id: UUID, member_id: UUID) -> None:
    """Say no to a challenge that is for one."""
    await reading.one(challenge_id, member_id)
    await taking_part.decline(challenge_id, member_id)


async def _thanks(
    seen: Seen, squad: UUID | None, limit: int, cursor: str | None
) -> tuple[Sequence[Thanks], str | None]:
    """Who helped everybody or one's own team; or a squad, in a challenge of squads."""
    challenge = seen.challenge
    asked = squad if challenge.team is Team.SQUAD else None
    team = asked or whose(challenge, seen.mine)
    if team is None:
        return [], None
    return await reading.thanks(challenge, team, limit=limit, cursor=cursor)


async def _named(
    challenge: Challenge, thanks: Collection[Thanks], member_id: UUID
) -> list[ContributorView]:
    """Who chose to appear, by name. Who was hidden a moment ago is absent."""
    names = await shown_names([each.member_id for each in thanks]) if thanks else {}
    return [
        ContributorView(
            name=names[each.member_id].name,
            is_me=each.member_id == member_id,
            given=each.given if challenge.shows_ranking else None,
        )
        for each in thanks
        if each.member_id in names
    ]
