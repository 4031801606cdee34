"""Read the charter, accept it, and see one's own proof."""

from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from community.charter import service
from community.charter.errors import CharterOutdated, CharterUnpublished, CharterVersionNotFound
from community.charter.service import Charter
from community.charter.views import AcceptanceView, Accepting, CharterView
from community.members.admission import admission
from community.members.errors import NotAMemberAnyMore
from ground import cursors
from ground.callers import Caller
from ground.http import CursorParameter, Limit, Page, problem_responses, shared
from ground.languages import Language

Version = Annotated[int, PathParameter(ge=1, le=2**31 - 1, description="A published version.")]
MINUTES = 60


def _in(language: Language, charter: Charter) -> CharterView:
    terms = admission()
    return CharterView.of(
        charter, language, age=terms.minimum_age, question=terms.question(language)
    )


ACCEPTED_BEFORE = {
    HTTP_200_OK: ResponseSpec(
        AcceptanceView, description="You had accepted it already.", generate_examples=False
    )
}


class CharterController(Controller):
    path = "/v1/charter"
    tags = ("charter",)

    @get(opt={"public": True}, responses=problem_responses(CharterUnpublished))
    async def read(
        self, request: Request[Any, Any, Any], language: NamedDependency[Language]
    ) -> Response[CharterView]:
        """Read the charter in force.

        It says that taking part is voluntary and unpaid, obliges to nothing, and can end at any
        time. In the language of `Accept-Language`.
        """
        return shared(request, _in(language, await service.current()), seconds=5 * MINUTES)

    @get(
        "/versions/{version:int}",
        opt={"public": True},
        responses=problem_responses(CharterVersionNotFound),
    )
    async def read_version(
        self,
        request: Request[Any, Any, Any],
        language: NamedDependency[Language],
        version: Version,
    ) -> Response[CharterView]:
        """Read any version that was ever in force."""
        return shared(request, _in(language, await service.published(version)), seconds=5 * MINUTES)

    @post(
        "/acceptances",
        responses=ACCEPTED_BEFORE | problem_responses(CharterOutdated, NotAMemberAnyMore),
    )
    async def accept(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        data: JSONBody[Accepting],
    ) -> Response[AcceptanceView]:
        """Accept the version in force.

        Members are offered a new version and lose nothing by waiting. Accepting the same version
        again answers 200 with the acceptance that there is. The language of `Accept-Language`
        is noted as the one in which you read it.
        """
        accepted, is_new = await service.accept(caller.member, data.version, locale=language)
        return Response(
            AcceptanceView.of(accepted), status_code=HTTP_201_CREATED if is_new else HTTP_200_OK
        )


class OwnAcceptancesController(Controller):
    path = "/v1/me/charter/acceptances"
    tags = ("charter",)

    @get()
    async def list_acceptances(
        self, caller: NamedDependency[Caller], limit: Limit = 20, cursor: CursorParameter = None
    ) -> Page[AcceptanceView]:
        """List what you accepted and when, newest first: the proof of your free choice."""
        [before] = cursors.decode(cursor, int) if cursor else (None,)
        lines = await service.acceptances(caller.member, before=before, limit=limit + 1)
        page, more = lines[:limit], len(lines) > limit
        return Page(
            items=[AcceptanceView.of(line) for line in page],
            next_cursor=cursors.encode(page[-1].id) if more else None,
        )
