"""A member's own badges, and why they have them."""

from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import PathParameter

from gamification.badges import service
from gamification.badges.views import HeldView, WhyView
from gamification.catalogue.errors import BadgeNotFound
from ground import clock
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.languages import Language

Slug = Annotated[str, PathParameter(min_length=1, max_length=80, description="The badge's `slug`.")]


class BadgeController(Controller):
    path = "/v1/me/badges"
    tags = ("recognition",)

    @get(responses=problem_responses(CursorInvalid))
    async def list_badges(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Page[HeldView]:
        """Read the badges that you hold, the newest first."""
        return await service.held(caller.member, language, limit, cursor)

    @get("/{slug:str}", responses=problem_responses(BadgeNotFound))
    async def why(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        slug: Slug,
    ) -> WhyView:
        """Read why you have a badge, or what is missing.

        The activities that earned it and the version of the rule that they earned it under, or
        exactly what the rule asks for and how much of it you have. A secret badge is there only
        for who holds it.
        """
        return await service.why(caller.member, slug, language, clock.now())
