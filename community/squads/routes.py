"""Squads: found one, join, invite, leave; and what moderators do about them."""

from datetime import timedelta
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from community.members.errors import MemberNotFound
from community.squads import service
from community.squads.views import (
    Because,
    CodeUsed,
    InvitationView,
    ManagedSquadView,
    MembershipWanted,
    MySquads,
    NameByStaff,
    NewSquadCodeView,
    OpenSquadView,
    SquadChange,
    SquadCodes,
    SquadCodeView,
    SquadCodeWanted,
    SquadView,
    SquadWanted,
)
from gamification.squads import invitations, moderation, reading
from gamification.squads import service as squads
from gamification.squads.errors import (
    FounderNeeded,
    SquadCodeInvalid,
    SquadCodeNotFound,
    SquadFull,
    SquadNotFound,
    SquadTooSmall,
    TooManyInvitations,
    TooManySquads,
)
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.languages import Language
from ground.roles import Role
from notifications.wording.lint import WordingRefused


class SquadController(Controller):
    path = "/v1/squads"
    tags = ("squads",)

    @get(responses=problem_responses(CursorInvalid))
    async def list_open(
        self, limit: Limit = 20, cursor: CursorParameter = None
    ) -> Page[OpenSquadView]:
        """List squads that anybody may join and that have room, the newest first."""
        return await service.open_ones(limit, cursor)

    @post(responses=problem_responses(TooManySquads, WordingRefused))
    async def found(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        data: JSONBody[SquadWanted],
    ) -> Response[SquadView]:
        """Found a squad.

        Its name is checked as members' names are, and moderators see it. One is in three squads
        at most. When you leave, the squad lives on: who has been in it the longest may change it.
        """
        squad_id = await service.found(caller.member, data)
        return Response(
            await service.view(squad_id, caller.member, language),
            headers={"Location": f"/v1/squads/{squad_id}"},
        )

    @get("/{squad_id:uuid}", responses=problem_responses(SquadNotFound))
    async def read(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        squad_id: FromPath[UUID],
    ) -> SquadView:
        """Read a squad that is open, or that you are in or were invited to.

        Only who is in it sees who else is.
        """
        return await service.view(squad_id, caller.member, language)

    @patch(
        "/{squad_id:uuid}",
        responses=problem_responses(SquadNotFound, FounderNeeded, SquadTooSmall, WordingRefused),
    )
    async def change(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        squad_id: FromPath[UUID],
        data: JSONBody[SquadChange],
    ) -> SquadView:
        """Change a squad's name, its size, or whether it is open. What isn't given stays.

        Only who has been in it the longest can. Nobody can put anybody else out.
        """
        await service.change(squad_id, caller.member, data)
        return await service.view(squad_id, caller.member, language)

    @put(
        "/{squad_id:uuid}/membership",
        responses=problem_responses(SquadNotFound, SquadFull, TooManySquads),
    )
    async def join(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        squad_id: FromPath[UUID],
        data: JSONBody[MembershipWanted],
    ) -> SquadView:
        """Join a squad that is open, or that you were invited to.

        Joining shows your name to the others if you aren't hidden, or if you say `appears`.
        Whoever is in it already can say that anew.
        """
        await squads.join(squad_id, caller.member, appears=data.appears)
        return await service.view(squad_id, caller.member, language)

    @delete("/{squad_id:uuid}/membership")
    async def leave(self, caller: NamedDependency[Caller], squad_id: FromPath[UUID]) -> None:
        """Leave a squad, at once and without a word to anybody.

        The last one who leaves ends it. Who isn't in it gets the same answer.
        """
        await squads.leave(squad_id, caller.member)

    @put(
        "/{squad_id:uuid}/invitations/{member_id:uuid}",
        status_code=HTTP_204_NO_CONTENT,
        responses=problem_responses(SquadNotFound, MemberNotFound, SquadFull, TooManyInvitations),
    )
    async def invite(
        self,
        caller: NamedDependency[Caller],
        squad_id: FromPath[UUID],
        member_id: FromPath[UUID],
    ) -> None:
        """Ask a member to join your squad.

        They are asked once: after a no they never are again, and you get the same answer. Who
        chose not to be seen can't be asked by their id; a code finds them where you meet.
        """
        await service.invite(squad_id, caller.member, member_id)

    @get("/{squad_id:uuid}/codes", responses=problem_responses(SquadNotFound))
    async def list_codes(
        self, caller: NamedDependency[Caller], squad_id: FromPath[UUID]
    ) -> SquadCodes:
        """List the codes that lead to your squad: five at most, so that they are one page."""
        found = await invitations.codes(squad_id, caller.member)
        return SquadCodes(items=[SquadCodeView.of(each) for each in found])

    @post(
        "/{squad_id:uuid}/codes",
        opt={"secret": True},
        responses=problem_responses(SquadNotFound, TooManyInvitations),
    )
    async def make_code(
        self,
        caller: NamedDependency[Caller],
        squad_id: FromPath[UUID],
        data: JSONBody[SquadCodeWanted],
    ) -> NewSquadCodeView:
        """Make a code with which whoever has it can join your squad.

        It is told once. It works until it expires, or until somebody of the squad revokes it.
        """
        made = await invitations.make_code(
            squad_id, caller.member, lasts=timedelta(seconds=data.lasts_seconds)
        )
        return NewSquadCodeView.of(made)

    @delete(
        "/{squad_id:uuid}/codes/{code_id:uuid}",
        responses=problem_responses(SquadNotFound, SquadCodeNotFound),
    )
    async def revoke_code(
        self,
        caller: NamedDependency[Caller],
        squad_id: FromPath[UUID],
        code_id: FromPath[UUID],
    ) -> None:
        """Revoke a code of your squad. Who joined with it stays."""
        await invitations.revoke_code(squad_id, caller.member, code_id)


class OwnSquadController(Controller):
    path = "/v1/me"
    tags = ("me",)

    @get("/squads")
    async def mine(
        self, caller: NamedDependency[Caller], language: NamedDependency[Language]
    ) -> MySquads:
        """List the squads that you are in: a few, so that they are one page."""
        return await service.mine(caller.member, language)

    @post(
        "/squads",
        opt={"limit": "sign_in"},
        status_code=HTTP_200_OK,
        responses=problem_responses(SquadCodeInvalid, SquadNotFound, SquadFull, TooManySquads),
    )
    async def use_code(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        data: JSONBody[CodeUsed],
    ) -> SquadView:
        """Join a squad with a code that somebody of it gave you.

        Joining shows your name to the others if you aren't hidden, or if you say `appears`.
        """
        squad_id = await invitations.join_by_code(data.code, caller.member, appears=data.appears)
        return await service.view(squad_id, caller.member, language)

    @get("/squad-invitations", responses=problem_responses(CursorInvalid))
    async def waiting(
        self,
        caller: NamedDependency[Caller],
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Page[InvitationView]:
        """List the squads that ask whether you come, the latest first.

        `PUT /v1/squads/{squad_id}/membership` says yes. Nothing happens to what isn't answered.
        """
        return await service.waiting(caller.member, limit, cursor)

    @put(
        "/squad-invitations/{squad_id:uuid}/declined",
        status_code=HTTP_204_NO_CONTENT,
        responses=problem_responses(SquadNotFound),
    )
    async def decline(self, caller: NamedDependency[Caller], squad_id: FromPath[UUID]) -> None:
        """Say no to a squad. It can't ask you again, and nobody is told."""
        await invitations.decline(squad_id, caller.member)


ForModerators = {"role": Role.MODERATOR}


class ManagedSquadController(Controller):
    path = "/v1/manage/squads"
    tags = ("manage",)

    @get(opt=ForModerators, responses=problem_responses(CursorInvalid))
    async def list_all(
        self, limit: Limit = 20, cursor: CursorParameter = None
    ) -> Page[ManagedSquadView]:
        """List all squads, the newest first, also those that were dissolved."""
        return await service.all_of_them(limit, cursor)

    @get("/{squad_id:uuid}", opt=ForModerators, responses=problem_responses(SquadNotFound))
    async def read(self, squad_id: FromPath[UUID]) -> ManagedSquadView:
        """Read a squad, whatever became of it."""
        return ManagedSquadView.of(await reading.squad(squad_id))

    @put(
        "/{squad_id:uuid}/name",
        opt=ForModerators,
        responses=problem_responses(SquadNotFound, WordingRefused),
    )
    async def rename(
        self,
        caller: NamedDependency[Caller],
        squad_id: FromPath[UUID],
        data: JSONBody[NameByStaff],
    ) -> ManagedSquadView:
        """Give a squad another name. Its members read why; the act is in the audit trail."""
        name = service.name_of_squad(data.name)
        await moderation.rename(squad_id, name, data.reason, by=caller)
        return ManagedSquadView.of(await reading.squad(squad_id))

    @put(
        "/{squad_id:uuid}/dissolved", opt=ForModerators, responses=problem_responses(SquadNotFound)
    )
    async def dissolve(
        self,
        caller: NamedDependency[Caller],
        squad_id: FromPath[UUID],
        data: JSONBody[Because],
    ) -> ManagedSquadView:
        """End a squad. Nobody is in it any more, what they did stays theirs, and they read why.

        It can't be undone, and it is in the audit trail.
        """
        await moderation.dissolve(squad_id, data.reason, by=caller)
        return ManagedSquadView.of(await reading.squad(squad_id))
