"""Looking at what a publication would do, before it does."""

from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from gamification.catalogue.errors import CatalogueInvalid, CriteriaCycle
from gamification.catalogue.previews import service
from gamification.catalogue.previews.errors import (
    NothingDrafted,
    PreviewNotFound,
    TooManyPreviews,
)
from gamification.catalogue.previews.views import PreviewView, PreviewWanted
from gamification.catalogue.releases.errors import DraftChanged, DraftOutdated
from gamification.catalogue.releases.service import wanted_drafts
from ground.callers import Caller
from ground.http import MEBIBYTE, problem_responses
from ground.roles import Role

MANAGER = {"role": Role.MANAGER}
PreviewId = Annotated[int, PathParameter(ge=1, le=2**62, description="The `id`.")]


class PreviewController(Controller):
    path = "/v1/manage/catalogue/previews"
    tags = ("catalogue",)

    @post(
        opt={**MANAGER, "body_limit": MEBIBYTE},
        status_code=202,
        responses=problem_responses(
            CatalogueInvalid,
            CriteriaCycle,
            DraftChanged,
            DraftOutdated,
            NothingDrafted,
            TooManyPreviews,
        ),
    )
    async def preview(
        self, caller: NamedDependency[Caller], data: JSONBody[PreviewWanted]
    ) -> PreviewView:
        """Preview a publication: who would earn what, who would lose what, and why.

        A job works it out, and changes nothing: poll the preview for its progress, and read who
        it is about by name. What speaks against publishing the drafts is told at once. It is
        kept for a day.
        """
        wanted = await wanted_drafts(data.seen)
        return PreviewView.of(await service.ask(wanted, to_the_past=data.to_the_past, by=caller))

    @get("/{preview_id:int}", opt=MANAGER, responses=problem_responses(PreviewNotFound))
    async def read(self, preview_id: PreviewId) -> PreviewView:
        """Read a preview, and how far it has come."""
        return PreviewView.of(await service.read(preview_id))

    @delete("/{preview_id:int}", opt=MANAGER, responses=problem_responses(PreviewNotFound))
    async def cancel(self, preview_id: PreviewId) -> None:
        """Cancel a preview, or forget it before its time."""
        await service.cancel(preview_id)
