"""Read seasons; close one."""

from typing import Annotated, Any

from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
from litestar.params import PathParameter

from gamification.seasons import service
from gamification.seasons.errors import SeasonNotFound, SeasonNotOver
from gamification.seasons.views import SeasonView
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses, shared
from ground.languages import Language
from ground.roles import Role

AnyRequest = Request[Any, Any, Any]
Slug = Annotated[
    str, PathParameter(min_length=1, max_length=80, description="The season's `slug`.")
]
MINUTE = 60


class SeasonController(Controller):
    path = "/v1/seasons"
    tags = ("recognition",)

    @get(opt={"public": True}, responses=problem_responses(CursorInvalid))
    async def list_seasons(
        self,
        request: AnyRequest,
        language: NamedDependency[Language],
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Response[Page[SeasonView]]:
        """Read the seasons, the one that begins last first.

        In the language of `Accept-Language`.
        """
        return shared(request, await service.seasons(language, limit, cursor), seconds=MINUTE)

    @get("/{slug:str}", opt={"public": True}, responses=problem_responses(SeasonNotFound))
    async def read(
        self, request: AnyRequest, language: NamedDependency[Language], slug: Slug
    ) -> Response[SeasonView]:
        """Read a season."""
        return shared(request, await service.season(slug, language), seconds=MINUTE)


class SeasonClosingController(Controller):
    path = "/v1/manage/seasons"
    tags = ("manage",)

    @put(
        "/{slug:str}/closed",
        opt={"role": Role.MANAGER},
        responses=problem_responses(SeasonNotFound, SeasonNotOver),
    )
    async def close(
        self, caller: NamedDependency[Caller], language: NamedDependency[Language], slug: Slug
    ) -> SeasonView:
        """Close a season that is over, before its boards close by themselves.

        Its boards stay as they are from now on. By themselves they close 48 hours after the
        last day. What was done in the season and comes later still counts for all time, and
        still earns badges.
        """
        return await service.close_season(slug, language, by=caller)
