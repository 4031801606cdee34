"""Look at challenges, take part in them, leave them."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from community.challenges import service
from community.challenges.views import (
    ChallengeView,
    ContributorView,
    OneChallengeView,
    ParticipationWanted,
    SquadProgressView,
)
from gamification.challenges import taking_part
from gamification.challenges.errors import (
    AlreadyInATeam,
    ChallengeNotFound,
    ChallengeNotOpen,
    TeamNeeded,
)
from gamification.challenges.reading import When
from gamification.squads.errors import SquadNotFound
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.languages import Language

OfState = Annotated[
    When, QueryParameter(name="state", description="Those that run, that come, or are past.")
]
OfSquad = Annotated[
    UUID | None,
    QueryParameter(name="squad", description="Of this squad, in a challenge of squads."),
]


class ChallengeController(Controller):
    path = "/v1/challenges"
    tags = ("challenges",)

    @get(responses=problem_responses(CursorInvalid))
    async def list_challenges(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        of_state: OfState = "running",
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Page[ChallengeView]:
        """List the challenges that are for you: those that run, that come, or that are past."""
        return await service.several(of_state, caller.member, language, limit, cursor)

    @get("/{challenge_id:uuid}", responses=problem_responses(ChallengeNotFound))
    async def read(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        challenge_id: FromPath[UUID],
    ) -> OneChallengeView:
        """Read a challenge: how far it has come, your part in it, and some of who helped.

        `live` says from where on its channel tells what comes after this answer. A challenge for
        a segment that you aren't in gets the same answer as one that isn't there.
        """
        return await service.one(challenge_id, caller.member, language)

    @put(
        "/{challenge_id:uuid}/participation",
        responses=problem_responses(
            ChallengeNotFound, ChallengeNotOpen, TeamNeeded, AlreadyInATeam, SquadNotFound
        ),
    )
    async def join(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        challenge_id: FromPath[UUID],
        data: JSONBody[ParticipationWanted],
    ) -> OneChallengeView:
        """Take part, at any time before the end, also after a no or after having left.

        In a challenge of squads, say with which of yours. Each decides for themselves: nobody is
        entered by their squad. Taking part again changes nothing.
        """
        await service.join(challenge_id, caller.member, data.squad)
        return await service.one(challenge_id, caller.member, language)

    @delete("/{challenge_id:uuid}/participation", responses=problem_responses(ChallengeNotFound))
    async def leave(self, caller: NamedDependency[Caller], challenge_id: FromPath[UUID]) -> None:
        """Stop taking part. What you gave stays given, and nobody is told."""
        await taking_part.leave(challenge_id, caller.member)

    @put(
        "/{challenge_id:uuid}/participation/declined",
        status_code=HTTP_204_NO_CONTENT,
        responses=problem_responses(ChallengeNotFound),
    )
    async def decline(self, caller: NamedDependency[Caller], challenge_id: FromPath[UUID]) -> None:
        """Say no. You are never asked again for this one, and can still join it."""
        await service.decline(challenge_id, caller.member)

    @get(
        "/{challenge_id:uuid}/contributions",
        responses=problem_responses(ChallengeNotFound, CursorInvalid),
    )
    async def contributions(
        self,
        caller: NamedDependency[Caller],
        challenge_id: FromPath[UUID],
        of_squad: OfSquad = None,
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Page[ContributorView]:
        """List who helped and chose to appear: thanks, in the order in which they joined.

        Only where the challenge shows a ranking, by how much they gave.
        """
        return await service.contributions(challenge_id, of_squad, caller.member, limit, cursor)

    @get(
        "/{challenge_id:uuid}/squads",
        responses=problem_responses(ChallengeNotFound, CursorInvalid),
    )
    async def squads(
        self,
        caller: NamedDependency[Caller],
        challenge_id: FromPath[UUID],
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Page[SquadProgressView]:
        """List the squads of a challenge of squads and how far each has come, in no order."""
        return await service.of_squads(challenge_id, caller.member, limit, cursor)
