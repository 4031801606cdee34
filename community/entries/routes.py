"""What staff looks at in the ledger."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, PathParameter, QueryParameter

from community.entries import service
from community.entries.views import Because, LineView
from community.members.errors import MemberNotFound
from gamification.by_hand.errors import OwnRecognition, SecondWordNeeded
from gamification.holds.errors import AlreadyReversed, EntryNotFound, NotHeld
from gamification.holds.lines import Filters
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.roles import Role

EntryId = Annotated[int, PathParameter(ge=1, le=2**63 - 1, description="The activity's `id`.")]
Kind = Annotated[str | None, QueryParameter(max_length=80, description="Of this kind.")]
Source = Annotated[str | None, QueryParameter(max_length=80, description="Told by this source.")]
Subject = Annotated[str | None, QueryParameter(max_length=200, description="On this subject.")]
Held = Annotated[bool, QueryParameter(description="Only what is held.")]


class EntryController(Controller):
    path = "/v1/manage"
    tags = ("manage",)

    @get(
        "/members/{member_id:uuid}/activities",
        opt={"role": Role.MODERATOR},
        responses=problem_responses(MemberNotFound, CursorInvalid),
    )
    async def list_activities(  # noqa: PLR0913, PLR0917 - one parameter a filter
        self,
        member_id: FromPath[UUID],
        kind: Kind = None,
        source: Source = None,
        subject: Subject = None,
        held: Held = False,
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Page[LineView]:
        """Read a member's ledger, what was recorded last first."""
        filters = Filters(kind=kind, source=source, subject=subject, held=held)
        return await service.of_member(member_id, filters, limit, cursor)

    @get("/holds", opt={"role": Role.MODERATOR}, responses=problem_responses(CursorInvalid))
    async def list_held(self, limit: Limit = 20, cursor: CursorParameter = None) -> Page[LineView]:
        """List the activities that are held, those that wait longest first."""
        return await service.held(limit, cursor)

    @put(
        "/activities/{entry_id:int}/hold",
        opt={"role": Role.MODERATOR},
        responses=problem_responses(EntryNotFound, OwnRecognition, AlreadyReversed),
    )
    async def hold(
        self, caller: NamedDependency[Caller], entry_id: EntryId, data: JSONBody[Because]
    ) -> LineView:
        """Hold an activity for a look.

        Until it is released it counts nowhere: points, badges and boards follow. The member sees
        it on their ledger, with your reason. Holding it again changes nothing.
        """
        return await service.hold(entry_id, data.reason, by=caller)

    @put(
        "/activities/{entry_id:int}/release",
        opt={"role": Role.MODERATOR},
        responses=problem_responses(EntryNotFound, OwnRecognition, AlreadyReversed, NotHeld),
    )
    async def release(self, caller: NamedDependency[Caller], entry_id: EntryId) -> LineView:
        """Let an activity that was held count again, as if it had never been held."""
        return await service.release(entry_id, by=caller)

    @put(
        "/activities/{entry_id:int}/reversal",
        opt={"role": Role.MANAGER},
        responses=problem_responses(EntryNotFound, OwnRecognition, SecondWordNeeded),
    )
    async def reverse(
        self, caller: NamedDependency[Caller], entry_id: EntryId, data: JSONBody[Because]
    ) -> LineView:
        """Take an activity back, also one that is held.

        It never happened, and nothing brings it back; doing it again changes nothing. Beyond the
        limit of what one manager takes back alone within 24 hours, somebody else has to hold it
        first.
        """
        return await service.reverse(entry_id, data.reason, by=caller)
