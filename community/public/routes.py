"""What public sites read, with a key that everybody may know."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, get
from litestar.params import FromPath, PathParameter, QueryParameter

from community.boards.errors import BoardNotFound, PeriodNotOnBoard
from community.boards.periods import Period
from community.public import service
from community.public.answer import answer_for_sites
from community.public.views import PublicBoard, PublicChallenge
from community.publishable.errors import PublishableKeyUnknown
from gamification.challenges.errors import ChallengeNotFound
from ground.http import problem_responses
from ground.languages import Language

AnyRequest = Request[Any, Any, Any]
# Who signs in elsewhere on the page reads the same bytes; limits are counted before the router.
OPEN: Final = {"public": True, "credentials": "ignored", "limit": None}

Slug = Annotated[str, PathParameter(min_length=1, max_length=80, description="The `slug`.")]
Key = Annotated[
    str, QueryParameter(max_length=60, description="A publishable key that opens it: `pk_…`.")
]
Which = Annotated[
    Period, QueryParameter(description="The board's own period, the one before, or all time.")
]
HowMany = Annotated[
    int, QueryParameter(ge=1, le=service.MOST, description="How many lines at most.")
]
In = Annotated[
    Language | None,
    QueryParameter(description="The language of names and texts; the programme's unless given."),
]


OF_BOARDS = (PublishableKeyUnknown, BoardNotFound, PeriodNotOnBoard)
OF_CHALLENGES = (PublishableKeyUnknown, ChallengeNotFound)


class PublicController(Controller):
    path = "/v1/public"
    tags = ("public",)

    @get("/boards/{slug:str}", opt=OPEN, responses=problem_responses(*OF_BOARDS))
    async def board(
        self,
        request: AnyRequest,
        slug: Slug,
        key: Key,
        period: Which = "current",
        limit: HowMany = 10,
        lang: In = None,
    ) -> Response[PublicBoard]:
        """Read the top of a board, for a page of a public site.

        With a publishable key that opens the board. Only members who chose to appear on public
        sites are in it, and nobody else takes a place from them. The same bytes for everybody:
        shared caches may keep them for half a minute. No cookie is set or read.

        Which sites are welcome stands in the key: their origin is named in
        `Access-Control-Allow-Origin`, and never with credentials.
        """
        language = lang or request.app.state.settings.default_locale
        view, origins = await service.board(
            slug, key, period=period, limit=limit, language=language
        )
        return answer_for_sites(request, view, origins)

    @get(
        "/challenges/{challenge_id:uuid}",
        opt=OPEN,
        responses=problem_responses(*OF_CHALLENGES),
    )
    async def challenge(
        self, request: AnyRequest, challenge_id: FromPath[UUID], key: Key, lang: In = None
    ) -> Response[PublicChallenge]:
        """Read how far a challenge has come, for a page of a public site.

        With a publishable key that opens the challenge. Those who helped are named only if they
        chose to appear on public sites. The same bytes for everybody, as with boards.
        """
        language = lang or request.app.state.settings.default_locale
        view, origins = await service.challenge(challenge_id, key, language)
        return answer_for_sites(request, view, origins)
