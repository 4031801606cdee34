"""Who a publication would change something for, by name."""

from typing import Annotated, Literal, NamedTuple

from litestar import Controller, get
from litestar.di import NamedDependency, Provide
from litestar.params import PathParameter, QueryParameter

from community.catalogue import service
from community.catalogue.views import ForeseenView
from gamification.catalogue.previews.errors import PreviewNotFound
from gamification.catalogue.previews.foresight import Outcome
from gamification.catalogue.rule import Node
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.languages import Language
from ground.roles import Role

PreviewId = Annotated[int, PathParameter(ge=1, le=2**62, description="The `id`.")]
What = Annotated[Literal["badge", "tier"], QueryParameter(description="A badge or a tier.")]
Slug = Annotated[str, QueryParameter(min_length=1, max_length=80, description="Its `slug`.")]
Becoming = Annotated[
    Literal["earns", "loses", "moves"],
    QueryParameter(description="`moves`: holds it, and would hold it since another moment."),
]


class Asked(NamedTuple):
    """What of a preview somebody wants to see."""

    node: Node
    outcome: Outcome


def asked(what: What, slug: Slug, outcome: Becoming) -> Asked:
    return Asked((what, slug), outcome)


class PreviewedController(Controller):
    path = "/v1/manage/catalogue/previews/{preview_id:int}/members"
    tags = ("catalogue",)
    dependencies = {"asked": Provide(asked, sync_to_thread=False)}  # noqa: RUF012 - Litestar's own

    @get(opt={"role": Role.MANAGER}, responses=problem_responses(PreviewNotFound, CursorInvalid))
    async def list_members(
        self,
        language: NamedDependency[Language],
        preview_id: PreviewId,
        asked: NamedDependency[Asked],
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Page[ForeseenView]:
        """List who would earn or lose something, by name and with the reason.

        At most a thousand for each badge or tier and outcome; the preview's numbers count all.
        In the language of `Accept-Language`.
        """
        return await service.foreseen(
            preview_id,
            asked.node,
            asked.outcome,
            language=language,
            limit=limit,
            cursor=cursor,
        )
