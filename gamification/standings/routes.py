"""Where a member stands: their own standing and their own ledger."""

from litestar import Controller, get
from litestar.di import NamedDependency

from gamification.standings import service
from gamification.standings.views import ActivityView, StandingView
from ground import clock
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.languages import Language


class StandingController(Controller):
    path = "/v1/me"
    tags = ("recognition",)

    @get("/standing")
    async def standing(
        self, caller: NamedDependency[Caller], language: NamedDependency[Language]
    ) -> StandingView:
        """Read where you stand.

        Your points, your tier with what is missing for the next one, and your streaks in your
        time zone. Nothing of it fades because you rest.
        """
        return await service.standing(caller.member, language, clock.now())

    @get("/activities", responses=problem_responses(CursorInvalid))
    async def activities(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Page[ActivityView]:
        """Read your ledger.

        Every activity of yours, each with its points and the reason when there are fewer than
        usual, what was recorded last first. What a source took back has a line of its own. What
        the team looks at or took back says so on its line, with the reason.
        """
        return await service.activities(caller.member, language, limit, cursor)
