"""Prove who one is elsewhere."""

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK
from msgspec import UNSET

from community.claims import service
from community.claims.errors import AlreadyClaimed, ClaimCodeInvalid
from community.claims.views import Claim, CodeView, CodeWanted
from community.keys.scopes import Scope
from community.keys.system import System
from community.members import service as members
from community.members.errors import NotAMemberAnyMore
from community.members.person import Person
from community.members.views import MeView
from ground.callers import Caller
from ground.http import problem_responses


class ClaimCodeController(Controller):
    path = "/v1/claim-codes"
    tags = ("claims",)

    @post(opt={"scope": Scope.CLAIMS_WRITE.value, "secret": True})
    async def issue(self, caller: NamedDependency[Caller], data: JSONBody[CodeWanted]) -> CodeView:
        """Issue a code for one of your own people.

        Hand it to the person where they are signed in with you. When a member sends it to
        `POST /v1/me/claims`, `external:{your source}:{external_id}` names them from then on,
        and what was recorded under that name is theirs. It works once, for a week; a newer
        code for the same person replaces it.
        """
        return CodeView.of(await service.issue(System.of(caller), data.external_id))


class ClaimController(Controller):
    path = "/v1/me/claims"
    tags = ("me",)

    @post(
        opt={"limit": "sign_in"},
        status_code=HTTP_200_OK,
        responses=problem_responses(AlreadyClaimed, ClaimCodeInvalid, NotAMemberAnyMore),
    )
    async def claim(self, caller: NamedDependency[Caller], data: JSONBody[Claim]) -> MeView:
        """Claim what you did elsewhere.

        With a `code` that another system of the brand gave you; or, with an empty object, by
        the verified e-mail address in your token. What was recorded there becomes yours, as if
        it had always been. Claiming nothing is no error.
        """
        if data.code is UNSET:
            await service.by_address(Person.of(caller), caller.member)
        else:
            await service.by_code(caller.member, data.code)
        return MeView.of(await members.me(caller.member))
