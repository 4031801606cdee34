"""What managers do with segments beside writing them."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import JSONBody, PathParameter

from community.roster.views import ListedView
from community.segments import service
from community.segments.views import SegmentPreviewView, SegmentPreviewWanted
from gamification.catalogue.errors import CatalogueInvalid
from gamification.segments.errors import SegmentNotFound
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.roles import Role

Slug = Annotated[str, PathParameter(min_length=1, max_length=80, description="The `slug`.")]


class SegmentController(Controller):
    path = "/v1/manage/segments"
    tags = ("manage",)

    @post(
        "/previews",
        opt={"role": Role.MANAGER},
        status_code=200,
        responses=problem_responses(CatalogueInvalid),
    )
    async def preview(self, data: JSONBody[SegmentPreviewWanted]) -> SegmentPreviewView:
        """Try out criteria over members.

        Says whom they are of at the moment, in words, in numbers and with some names, and saves
        nothing. Only active members are in a segment: nobody who was only imported, who left,
        or who is staff.
        """
        return await service.preview(data)

    @get(
        "/{slug:str}/members",
        opt={"role": Role.MANAGER},
        responses=problem_responses(SegmentNotFound, CursorInvalid),
    )
    async def list_members(
        self, slug: Slug, limit: Limit = 20, cursor: CursorParameter = None
    ) -> Page[ListedView]:
        """List who is in a segment at the moment, newest first.

        Boards of the segment follow within some minutes.
        """
        return await service.members(slug, limit, cursor)
