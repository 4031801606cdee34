"""Read boards."""

from typing import Annotated, Any, Literal

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from community.boards import service
from community.boards.errors import BoardNotFound, PeriodNotOnBoard
from community.boards.periods import Period
from community.boards.service import Wish
from community.boards.views import BoardPage, BoardView
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import (
    CursorParameter,
    Limit,
    Page,
    language_of,
    own,
    problem_responses,
    shared,
)
from ground.languages import Language

AnyRequest = Request[Any, Any, Any]
Slug = Annotated[str, PathParameter(min_length=1, max_length=80, description="The `slug`.")]
WhichPeriod = Annotated[
    Period,
    QueryParameter(
        description="The board's own month, week or season, the one before, or all time. In the"
        " first two days of a month or week the one before still counts what phones bring late."
        " Between two seasons the current one is the last that ended."
    ),
]
WhichSeason = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=80,
        description="The `slug` of a season, for a board that is about seasons: any that has"
        " begun can be read.",
    ),
]
AroundMe = Annotated[
    Literal["me"] | None, QueryParameter(description="Read the part of the board around you.")
]
Place = Annotated[
    int | None,
    QueryParameter(ge=1, le=1_000_000_000, description="Begin with who has this place."),
]
MINUTE = 60


class BoardController(Controller):
    path = "/v1/boards"
    tags = ("recognition",)

    @get(responses=problem_responses(CursorInvalid))
    async def list_boards(
        self,
        request: AnyRequest,
        language: NamedDependency[Language],
        limit: Limit = 100,
        cursor: CursorParameter = None,
    ) -> Response[Page[BoardView]]:
        """Read which boards there are.

        In the language of `Accept-Language`.
        """
        return shared(request, await service.boards(language, limit, cursor), seconds=MINUTE)

    @get(
        "/{slug:str}",
        responses=problem_responses(BoardNotFound, PeriodNotOnBoard, CursorInvalid),
    )
    async def read(  # noqa: PLR0913, PLR0917 - a dependency that gathers them costs much
        self,
        request: AnyRequest,
        slug: Slug,
        period: WhichPeriod = "current",
        season: WhichSeason = None,
        around: AroundMe = None,
        from_place: Place = None,
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Response[BoardPage]:
        """Read a board from its top, from a place, or around you.

        Only who chose to appear is listed, and staff doesn't compete. Equal points share a
        place. `me` is your own place, also while you are hidden. Whoever has fewer points than
        you is listed only if at least five do, so nobody reads that they are last; and there is
        no total.

        Go on with `cursor`, and with the same `period` or `season`. Nobody is listed twice,
        whatever changes meanwhile. A cursor lasts for a day.
        """
        wish = Wish(
            period=period,
            season=season,
            around_me=around is not None,
            from_place=from_place,
            limit=limit,
            cursor=cursor,
        )
        caller: Caller = request.user
        page = await service.board_page(slug, wish, caller.member, language_of(request))
        return own(request, page)
