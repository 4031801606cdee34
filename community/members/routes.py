"""Join, look at oneself, change, leave."""

from typing import Annotated

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from community.charter.errors import CharterOutdated, CharterUnpublished
from community.members import leaving, service
from community.members import receipt as receipts
from community.members.errors import NotAMemberAnyMore, PopulationNotOpen, TooYoung
from community.members.person import Person
from community.members.receipt import ReceiptView
from community.members.views import Change, Joining, MeView
from ground.callers import Caller
from ground.http import problem_responses
from ground.languages import Language

Keep = Annotated[
    bool,
    QueryParameter(description="Whether the same sign-in shall find again what you earned."),
]


JOINED_BEFORE = {
    HTTP_200_OK: ResponseSpec(
        MeView, description="You had joined already.", generate_examples=False
    )
}


class MemberController(Controller):
    path = "/v1/members"
    tags = ("members",)

    @post(
        opt={"candidate": True, "limit": "sign_in"},
        responses=JOINED_BEFORE
        | problem_responses(CharterOutdated, CharterUnpublished, PopulationNotOpen, TooYoung),
    )
    async def join(
        self, caller: NamedDependency[Caller], data: JSONBody[Joining]
    ) -> Response[MeView]:
        """Join the community.

        Read `GET /v1/charter` first: joining accepts that version, and answers its age question.
        Whoever has joined already, be it a moment ago, gets 200 and their profile as it is:
        nothing is changed and no second member is made. Whoever left and asked to be able to
        come back, or was imported with the e-mail address that the token proves, finds what
        they earned.
        """
        joined = await service.join(Person.of(caller), data)
        return Response(
            MeView.of(await service.me(joined.member_id)),
            status_code=HTTP_201_CREATED if joined.is_new else HTTP_200_OK,
            headers={"Location": "/v1/me"},
        )


class MeController(Controller):
    path = "/v1/me"
    tags = ("me",)

    @get(responses=problem_responses(NotAMemberAnyMore))
    async def read(self, caller: NamedDependency[Caller]) -> MeView:
        """Read your own profile."""
        return MeView.of(await service.me(caller.member))

    @patch(responses=problem_responses(NotAMemberAnyMore))
    async def change(self, caller: NamedDependency[Caller], data: JSONBody[Change]) -> MeView:
        """Change your own profile. What isn't given stays.

        Hiding from members (`visibility: hidden`) also takes you off public sites. To appear
        there, choose a `visibility` and say `public_visibility: true`.
        """
        await service.change(caller.member, data)
        return MeView.of(await service.me(caller.member))

    @get("/receipt", responses=problem_responses(NotAMemberAnyMore))
    async def receipt(
        self, caller: NamedDependency[Caller], language: NamedDependency[Language]
    ) -> ReceiptView:
        """Read a receipt of all you earned, in the language of `Accept-Language`."""
        return await receipts.receipt(caller.member, language)

    @delete(status_code=HTTP_200_OK, responses=problem_responses(NotAMemberAnyMore))
    async def leave(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        keep: Keep = False,
    ) -> ReceiptView:
        """Leave the community, at once and without consequence.

        Your name, sign-in and choices are forgotten, nothing more is sent or shown, and what you
        earned is answered as a receipt. What you accepted stays on record, without your name.
        Whoever leaves can join again: with `keep=true` what you earned waits for the same
        sign-in, otherwise nothing leads back to it.
        """
        return await leaving.leave(Person.of(caller), caller.member, keep=keep, language=language)
