"""What managers do with each sort of thing in the catalogue, and with all of it as a file."""

from typing import Any, Final

from litestar import Controller, Request, get, post
from litestar.di import NamedDependency

from gamification.catalogue import files
from gamification.catalogue.definitions import (
    BadgeDefinition,
    BoardDefinition,
    KindDefinition,
    SeasonDefinition,
    SegmentDefinition,
    TierDefinition,
)
from gamification.catalogue.drafts.errors import DraftsInTheWay
from gamification.catalogue.drafts.steering import SteeringController
from gamification.catalogue.drafts.views import DraftedView, DraftsMade
from gamification.catalogue.errors import CatalogueInvalid
from ground.callers import Caller
from ground.http import MEBIBYTE, problem_responses
from ground.roles import Role

TOML: Final = "application/toml"
EXAMPLE: Final = """\
[[kind]]
slug = "answer"
name = { fr = "réponse", en = "answer" }
points = 8
"""


class ManagedKindController(SteeringController[KindDefinition]):
    path = "/v1/manage/kinds"
    what = "kind"


class ManagedBadgeController(SteeringController[BadgeDefinition]):
    path = "/v1/manage/badges"
    what = "badge"


class ManagedTierController(SteeringController[TierDefinition]):
    path = "/v1/manage/tiers"
    what = "tier"


class ManagedBoardController(SteeringController[BoardDefinition]):
    path = "/v1/manage/boards"
    what = "board"


class ManagedSeasonController(SteeringController[SeasonDefinition]):
    path = "/v1/manage/seasons"
    what = "season"


class ManagedSegmentController(SteeringController[SegmentDefinition]):
    path = "/v1/manage/segments"
    what = "segment"


class CatalogueFileController(Controller):
    path = "/v1/manage"
    tags = ("catalogue",)

    @get("/catalogue.toml", opt={"role": Role.MANAGER}, media_type=TOML)
    async def export(self) -> str:
        """Export what is published, as TOML that can be loaded elsewhere.

        It holds what is in force, and what is retired and still asked for. Loaded into an empty
        installation, it makes the same catalogue. It holds no drafts and no earlier versions.
        """
        return await files.exported()

    @post(
        "/catalogue/drafts",
        opt={"role": Role.MANAGER, "body_limit": MEBIBYTE, "takes": TOML, "example": EXAMPLE},
        responses=problem_responses(CatalogueInvalid, DraftsInTheWay),
    )
    async def save_file(
        self, request: Request[Any, Any, Any], caller: NamedDependency[Caller]
    ) -> DraftsMade:
        """Save a catalogue in TOML as drafts.

        What it says as it is published needs no draft, and what it doesn't name stays as it is.
        Every mistake is told with its place; then, or if a draft of something in it says
        otherwise, nothing is saved.
        """
        made = await files.drafted(await request.body(), by=caller)
        return DraftsMade(
            drafts=[DraftedView(what=each.what, slug=each.slug, etag=each.etag) for each in made]
        )
