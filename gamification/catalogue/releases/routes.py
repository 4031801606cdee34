"""Publishing what was drafted, and rolling it back."""

from typing import Annotated

from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from gamification.catalogue.errors import CatalogueInvalid, CriteriaCycle
from gamification.catalogue.releases import release as releases
from gamification.catalogue.releases import service
from gamification.catalogue.releases.errors import (
    DraftChanged,
    DraftOutdated,
    NothingToPublish,
    NotToBeRolledBack,
    PublicationAtWork,
    PublicationNotFound,
)
from gamification.catalogue.releases.views import PublicationView, PublicationWanted
from ground import cursors
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import MEBIBYTE, CursorParameter, Limit, Page, problem_responses
from ground.roles import Role

MANAGER = {"role": Role.MANAGER}
PublicationId = Annotated[int, PathParameter(ge=1, le=2**62, description="The `id`.")]


class PublicationController(Controller):
    path = "/v1/manage/catalogue/publications"
    tags = ("catalogue",)

    @post(
        opt={**MANAGER, "body_limit": MEBIBYTE},
        status_code=202,
        responses=problem_responses(
            CatalogueInvalid,
            CriteriaCycle,
            DraftChanged,
            DraftOutdated,
            NothingToPublish,
            PublicationAtWork,
        ),
    )
    async def publish(
        self, caller: NamedDependency[Caller], data: JSONBody[PublicationWanted]
    ) -> PublicationView:
        """Publish drafts, together, now or at a moment.

        Each is named with the `ETag` under which it was read, so that nothing is published
        that the caller hasn't seen. What speaks against it is told at once, and again, as
        `problem`, if the catalogue has changed until its moment. Then a job does it: poll the
        publication for its progress. Members go on meanwhile, and end up the same.
        """
        wanted = await service.wanted_drafts(data.seen)
        release = await service.ask(wanted, to_the_past=data.to_the_past, at=data.at, by=caller)
        return PublicationView.of(release)

    @get(opt=MANAGER, responses=problem_responses(CursorInvalid))
    async def list_publications(
        self, limit: Limit = 20, cursor: CursorParameter = None
    ) -> Page[PublicationView]:
        """List publications, the newest first: what changed, when, and by whom."""
        before = cursors.decode(cursor, int)[0] if cursor else None
        found = await releases.page(before, limit + 1)
        shown = found[:limit]
        return Page(
            items=[PublicationView.of(each) for each in shown],
            next_cursor=cursors.encode(shown[-1].id) if len(found) > limit else None,
        )

    @get("/{publication_id:int}", opt=MANAGER, responses=problem_responses(PublicationNotFound))
    async def read(self, publication_id: PublicationId) -> PublicationView:
        """Read a publication, and how far it has come."""
        return PublicationView.of(await releases.read(publication_id))

    @put(
        "/{publication_id:int}/rolled-back",
        opt=MANAGER,
        status_code=202,
        responses=problem_responses(PublicationNotFound, NotToBeRolledBack, PublicationAtWork),
    )
    async def roll_back(
        self, caller: NamedDependency[Caller], publication_id: PublicationId
    ) -> PublicationView:
        """Roll a publication back, also one that is still running or waits for its moment.

        Earlier definitions are in force again, and awards are as they would be without it.
        Kinds of activity that it brought are retired instead, since activities have them, and
        points that it changed are as before from the first day that has begun nowhere. Refused
        when something later builds on it, with what that is. Asking again changes nothing.
        """
        return PublicationView.of(await service.roll_back(publication_id, by=caller))
