"""What staff does with members."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from community.members import merging, staff
from community.members.errors import MemberNotFound, NotMergeable
from community.members.tables import MemberState
from community.roster import service
from community.roster.views import ListedView, RoleWanted, SuccessorWanted
from ground import cursors
from ground.callers import Caller
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.roles import Role

State = Annotated[MemberState, QueryParameter(name="state", description="Where they stand.")]


class RosterController(Controller):
    path = "/v1/manage/members"
    tags = ("manage",)

    @get(opt={"role": Role.MODERATOR})
    async def list_members(
        self,
        standing: State = MemberState.ACTIVE,
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Page[ListedView]:
        """List members, newest first."""
        before = cursors.decode(cursor, datetime, UUID) if cursor else None
        found = await service.members(standing, before=before, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        return Page(
            items=[ListedView.of(each) for each in page],
            next_cursor=cursors.encode(page[-1].created_at, page[-1].id) if more else None,
        )

    @get(
        "/{member_id:uuid}",
        opt={"role": Role.MODERATOR},
        responses=problem_responses(MemberNotFound),
    )
    async def read(self, member_id: FromPath[UUID]) -> ListedView:
        """Read a member, whatever they show to others."""
        return ListedView.of(await service.member(member_id))

    @put(
        "/{member_id:uuid}/role",
        opt={"role": Role.ADMIN},
        responses=problem_responses(MemberNotFound),
    )
    async def set_role(
        self,
        caller: NamedDependency[Caller],
        member_id: FromPath[UUID],
        data: JSONBody[RoleWanted],
    ) -> ListedView:
        """Give a member a role, or take it away.

        Whoever has a role doesn't compete on boards. The change is in the audit trail.
        """
        await staff.give(member_id, data.role, by=caller)
        return ListedView.of(await service.member(member_id))

    @put(
        "/{member_id:uuid}/successor",
        opt={"role": Role.ADMIN},
        responses=problem_responses(MemberNotFound, NotMergeable),
    )
    async def merge(
        self,
        caller: NamedDependency[Caller],
        member_id: FromPath[UUID],
        data: JSONBody[SuccessorWanted],
    ) -> ListedView:
        """Make two accounts of one person one.

        Everything the member did becomes the successor's, as if it had always been, and either
        sign-in leads to the successor. It can't be undone, and it is in the audit trail.
        """
        await merging.merge(member_id, data.member, by=caller)
        return ListedView.of(await service.member(data.member))
