"""Read the catalogue: what can be earned, how, and what it looks like."""

from http import HTTPStatus
from typing import Annotated, Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter

from gamification.catalogue import pages
from gamification.catalogue.errors import BadgeNotFound, ImageNotFound, TierNotFound
from gamification.catalogue.images import SHIPPED, Image
from gamification.catalogue.views import BadgeView, KindView, TierView
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses, shared
from ground.languages import Language

AnyRequest = Request[Any, Any, Any]
Slug = Annotated[str, PathParameter(min_length=1, max_length=80, description="The `slug`.")]
ImageName = Annotated[
    str, PathParameter(min_length=1, max_length=80, description="Such as `helper-2.svg`.")
]
MINUTE = 60
FOR_EVER = "public, max-age=31536000, immutable"


class CatalogueController(Controller):
    path = "/v1"
    tags = ("recognition",)

    @get("/badges", opt={"public": True}, responses=problem_responses(CursorInvalid))
    async def list_badges(
        self,
        request: AnyRequest,
        language: NamedDependency[Language],
        limit: Limit = 100,
        cursor: CursorParameter = None,
    ) -> Response[Page[BadgeView]]:
        """Read all badges, and how each is earned.

        Families stay together, in the order of their levels. A secret badge isn't there: who
        holds it finds it in `/v1/me/badges`. In the language of `Accept-Language`.
        """
        return shared(request, await pages.badges(language, limit, cursor), seconds=MINUTE)

    @get("/badges/{slug:str}", opt={"public": True}, responses=problem_responses(BadgeNotFound))
    async def read_badge(
        self, request: AnyRequest, language: NamedDependency[Language], slug: Slug
    ) -> Response[BadgeView]:
        """Read a badge, and how it is earned."""
        return shared(request, await pages.badge(language, slug), seconds=MINUTE)

    @get("/tiers", opt={"public": True}, responses=problem_responses(CursorInvalid))
    async def list_tiers(
        self,
        request: AnyRequest,
        language: NamedDependency[Language],
        limit: Limit = 100,
        cursor: CursorParameter = None,
    ) -> Response[Page[TierView]]:
        """Read all tiers, the lowest first, and what each asks for.

        No tier is ever lost by absence.
        """
        return shared(request, await pages.tiers(language, limit, cursor), seconds=MINUTE)

    @get("/tiers/{slug:str}", opt={"public": True}, responses=problem_responses(TierNotFound))
    async def read_tier(
        self, request: AnyRequest, language: NamedDependency[Language], slug: Slug
    ) -> Response[TierView]:
        """Read a tier, and what it asks for."""
        return shared(request, await pages.tier(language, slug), seconds=MINUTE)

    @get("/kinds", opt={"public": True}, responses=problem_responses(CursorInvalid))
    async def list_kinds(
        self,
        request: AnyRequest,
        language: NamedDependency[Language],
        limit: Limit = 100,
        cursor: CursorParameter = None,
    ) -> Response[Page[KindView]]:
        """Read what counts as taking part, and how many points each kind of activity has.

        Terms that were changed appear on the day from which they count.
        """
        return shared(request, await pages.kinds(language, limit, cursor), seconds=MINUTE)


class BadgeImageController(Controller):
    path = "/static/badges"
    tags = ("recognition",)

    @get(
        "/{name:str}",
        opt={"public": True},
        responses=problem_responses(ImageNotFound),
        media_type="image/svg+xml",
    )
    async def image(self, request: AnyRequest, name: ImageName) -> Response[bytes]:
        """Read a badge's or tier's image.

        Its address has a mark that changes with the image, so an image can be kept for ever.
        """
        image = SHIPPED.get(name)
        if image is None:
            raise ImageNotFound
        return _as_answer(request, image)


def _as_answer(request: AnyRequest, image: Image) -> Response[bytes]:
    etag = f'"{image.mark}"'
    headers = {"ETag": etag, "Cache-Control": FOR_EVER}
    if etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    # Opened as a page of its own, a drawing may load and run nothing.
    headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return Response(image.svg, media_type="image/svg+xml", headers=headers)
