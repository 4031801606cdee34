"""What managers do for members by hand."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from community.by_hand import service
from community.by_hand.views import ActView, ActWanted, wanted
from gamification.by_hand.act import Stage
from gamification.by_hand.errors import (
    ActDecided,
    ActNotFound,
    AnothersProposal,
    MembersNotThere,
    NotGivable,
    OwnProposal,
    OwnRecognition,
    ProposerGone,
)
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.roles import Role

ActId = Annotated[int, PathParameter(ge=1, le=2**63 - 1, description="The act's `id`.")]
OfStage = Annotated[Stage | None, QueryParameter(name="stage", description="How far they came.")]
About = Annotated[UUID | None, QueryParameter(name="member", description="For this member.")]


class ActController(Controller):
    path = "/v1/manage/acts"
    tags = ("manage",)

    @post(
        opt={"role": Role.MANAGER},
        responses=problem_responses(OwnRecognition, MembersNotThere, NotGivable),
    )
    async def act(self, caller: NamedDependency[Caller], data: JSONBody[ActWanted]) -> ActView:
        """Give or take a badge, or credit an activity, by hand.

        With a reason in French, English or both, which the members read. `give` and `take` rule
        over the badge's criteria, until you `leave` it to them again; what looks at the badge
        follows. `credit` is an activity of a kind like any other: its daily cap holds.

        Up to a limit it is done at once, and `stage` is `done`. Beyond it (too many members, or
        too many points for one, within 24 hours) it is kept as `proposed`, until another manager
        approves it. It is in the audit trail.
        """
        return await service.act(wanted(data), by=caller)

    @get(opt={"role": Role.MANAGER}, responses=problem_responses(CursorInvalid))
    async def list_acts(
        self,
        of_stage: OfStage = None,
        about: About = None,
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Page[ActView]:
        """List what was done by hand and what waits for a second word, the newest first."""
        return await service.acts(of_stage, about, limit, cursor)

    @get("/{act_id:int}", opt={"role": Role.MANAGER}, responses=problem_responses(ActNotFound))
    async def read(self, act_id: ActId) -> ActView:
        """Read an act, whatever became of it."""
        return await service.one(act_id)

    @put(
        "/{act_id:int}/approval",
        opt={"role": Role.MANAGER},
        responses=problem_responses(
            ActNotFound, ActDecided, OwnProposal, OwnRecognition, NotGivable, ProposerGone
        ),
    )
    async def approve(self, caller: NamedDependency[Caller], act_id: ActId) -> ActView:
        """Give the second word to what another manager proposed.

        It is done now, once, for the members who are still there. Nobody approves what they
        proposed themselves, or what is about them.
        """
        return await service.approve(act_id, by=caller)

    @put(
        "/{act_id:int}/refusal",
        opt={"role": Role.MANAGER},
        responses=problem_responses(ActNotFound, ActDecided, OwnProposal, OwnRecognition),
    )
    async def decline(self, caller: NamedDependency[Caller], act_id: ActId) -> ActView:
        """Say no to what another manager proposed: it is never done."""
        return await service.decline(act_id, by=caller)

    @put(
        "/{act_id:int}/withdrawal",
        opt={"role": Role.MANAGER},
        responses=problem_responses(ActNotFound, ActDecided, AnothersProposal),
    )
    async def withdraw(self, caller: NamedDependency[Caller], act_id: ActId) -> ActView:
        """Take back what you proposed, before another manager decided about it.

        It is never done. It stays in the list as `withdrawn`, and in the audit trail.
        """
        return await service.withdraw(act_id, by=caller)
