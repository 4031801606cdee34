"""How managers steer journeys, and members see and leave them."""

from typing import Annotated

from litestar import Controller, Response, delete, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from ground.callers import Caller
from ground.http import problem_responses
from ground.languages import Language
from ground.preconditions import IfMatch, IfNoneMatch, PreconditionFailed, PreconditionMissing
from ground.roles import Role
from notifications.journeys import keeping, results, service
from notifications.journeys.errors import JourneyInvalid, JourneyNotFound
from notifications.journeys.keeping import Kept
from notifications.journeys.plan import Plan
from notifications.journeys.views import InsidesView, JourneysView, JourneyView, ResultsView
from notifications.wording.lint import WordingRefused

MANAGER = {"role": Role.MANAGER}
SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$"
Slug = Annotated[
    str,
    PathParameter(min_length=1, max_length=60, pattern=SLUG, description="Such as `welcome`."),
]
NotFound = problem_responses(JourneyNotFound)


class ManagedJourneyController(Controller):
    path = "/v1/manage/journeys"
    tags = ("manage",)

    @get(opt=MANAGER)
    async def list_journeys(self) -> JourneysView:
        """List all journeys with their plans. The shipped ones are there from the beginning."""
        found = await keeping.all_of_them()
        return JourneysView(items=[JourneyView.of(each) for each in found.values()])

    @get("/{slug:str}", opt=MANAGER, responses=NotFound)
    async def read(self, slug: Slug) -> Response[JourneyView]:
        """Read a journey. The `ETag` is what a change has to name in `If-Match`."""
        return _tagged(await service.read(slug))

    @put(
        "/{slug:str}",
        opt=MANAGER,
        responses=problem_responses(
            JourneyInvalid, WordingRefused, PreconditionFailed, PreconditionMissing
        ),
    )
    async def write(
        self,
        caller: NamedDependency[Caller],
        slug: Slug,
        data: JSONBody[Plan],
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response[JourneyView]:
        """Change the plan of a journey, or add one: with `If-None-Match: *`, switched off.

        Who is inside stays with the plan they began with. What asks something of members says so
        (`ask`) and draws on their attention; there is a day between two messages. What is wrong
        is refused with its place and the reason, and so are words that would press people.
        """
        return _tagged(
            await service.write(
                slug, data, if_match=if_match, if_none_match=if_none_match, by=caller
            )
        )

    @get("/{slug:str}/results", opt=MANAGER, responses=NotFound)
    async def results(self, slug: Slug) -> ResultsView:
        """Count who is in a journey, at which step, and how it ended for the others."""
        return ResultsView.of(await results.results(slug))

    @put("/{slug:str}/on", opt=MANAGER, responses=NotFound)
    async def switch_on(self, caller: NamedDependency[Caller], slug: Slug) -> Response[JourneyView]:
        """Switch a journey on. It begins with what happens from now on, or a little before.

        Switching on what is on changes nothing.
        """
        return _tagged(await service.switch(slug, on=True, by=caller))

    @delete("/{slug:str}/on", opt=MANAGER, status_code=200, responses=NotFound)
    async def switch_off(
        self, caller: NamedDependency[Caller], slug: Slug
    ) -> Response[JourneyView]:
        """Switch a journey off: within a minute it says nothing to anybody any more.

        Who is inside waits there until it is switched on again.
        """
        return _tagged(await service.switch(slug, on=False, by=caller))


class MyJourneysController(Controller):
    path = "/v1/me/journeys"
    tags = ("notifications",)

    @get()
    async def list_mine(
        self, caller: NamedDependency[Caller], language: NamedDependency[Language]
    ) -> InsidesView:
        """List the journeys that you are in: what you may be told by and by, and why.

        Those that you left are told beside them.
        """
        return InsidesView.of(await service.of_member(caller.member), language)

    @delete("/{slug:str}", responses=NotFound)
    async def leave(self, caller: NamedDependency[Caller], slug: Slug) -> None:
        """Leave a journey. You aren't taken into it again, unless you come back.

        Leaving again changes nothing. You may leave one before you are in it.
        """
        await service.leave(caller.member, slug)

    @put("/{slug:str}", status_code=HTTP_204_NO_CONTENT, responses=NotFound)
    async def come_back(self, caller: NamedDependency[Caller], slug: Slug) -> None:
        """Come back to a journey that you left: it goes on where you left it.

        One that came to its end isn't begun again by this, nor is one that nothing has begun yet:
        its plan says what it begins with. Where you haven't left it changes nothing.
        """
        await service.come_back(caller.member, slug)


def _tagged(kept: Kept) -> Response[JourneyView]:
    headers = {"ETag": kept.etag, "Cache-Control": "private, no-cache"}
    return Response(JourneyView.of(kept), headers=headers)
