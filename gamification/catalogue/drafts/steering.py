"""The same routes for kinds, badges, tiers, boards, seasons and segments, each with its type."""

from typing import Annotated, Any, ClassVar, Generic, TypeVar

from litestar import Controller, Response, Router, delete, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from gamification.catalogue.definitions import SHAPES, Definition, What
from gamification.catalogue.drafts import service
from gamification.catalogue.drafts.errors import (
    DraftNotFound,
    NothingOfThisName,
)
from gamification.catalogue.drafts.views import Listed, Managed, VersionView
from gamification.catalogue.errors import CatalogueInvalid, NotInCatalogue
from ground import cursors
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.preconditions import IfMatch, IfNoneMatch, PreconditionFailed, PreconditionMissing
from ground.roles import Role

D = TypeVar("D", bound=Definition)

Slug = Annotated[str, PathParameter(min_length=1, max_length=80, description="The `slug`.")]
MANAGER = {"role": Role.MANAGER}


class SteeringController(Controller, Generic[D]):
    """What managers do with one sort of thing. `D` is what a definition of it looks like."""

    what: ClassVar[What]
    tags = ("catalogue",)

    def __init__(self, owner: Router) -> None:
        self.signature_namespace = {"D": SHAPES[self.what]}
        super().__init__(owner)

    @get(opt=MANAGER, responses=problem_responses(CursorInvalid))
    async def list_all(self, limit: Limit = 50, cursor: CursorParameter = None) -> Page[Listed]:
        """List all of them by slug, published, drafted or retired."""
        after = cursors.decode(cursor, str)[0] if cursor else ""
        found = [each for each in await service.things(self.what) if each.slug > after]
        return Page(
            items=[Listed.of(each) for each in found[:limit]],
            next_cursor=cursors.encode(found[limit - 1].slug) if len(found) > limit else None,
        )

    @get("/{slug:str}", opt=MANAGER, responses=problem_responses(NothingOfThisName))
    async def read(self, slug: Slug) -> "Response[Managed[D]]":
        """Read what is published of it, and its draft.

        The `ETag` is what a change has to name in `If-Match`.
        """
        return _tagged(await service.thing(self.what, slug))

    @get("/{slug:str}/versions", opt=MANAGER, responses=problem_responses(NothingOfThisName))
    async def versions(
        self, slug: Slug, limit: Limit = 50, cursor: CursorParameter = None
    ) -> "Page[VersionView[D]]":
        """Read all versions that were published of it, the latest first.

        Those of a publication that was rolled back are none.
        """
        before = cursors.decode(cursor, int)[0] if cursor else None
        found = [
            each
            for each in await service.versions(self.what, slug)
            if before is None or each.version < before
        ]
        shown = found[:limit]
        return Page(
            items=[VersionView.of(each) for each in shown],
            next_cursor=cursors.encode(shown[-1].version) if len(found) > limit else None,
        )

    @put(
        "/{slug:str}/draft",
        opt=MANAGER,
        responses=problem_responses(CatalogueInvalid, PreconditionFailed, PreconditionMissing),
    )
    async def save_draft(
        self,
        caller: NamedDependency[Caller],
        slug: Slug,
        data: "JSONBody[D]",
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> "Response[Managed[D]]":
        """Save a draft of it. Nothing changes for members before it is published.

        Send `If-Match` with the `ETag` that you read, or `If-None-Match: *` for what isn't
        there yet: without either the answer is 428, and 412 if somebody changed it meanwhile.
        What is wrong is refused with its place and the reason; other drafts count as if they
        were published. Whether criteria wait for each other is said by a preview.
        """
        saved = await service.save(
            self.what, slug, data, if_match=if_match, if_none_match=if_none_match, by=caller
        )
        return _tagged(saved)

    @put(
        "/{slug:str}/retirement",
        opt=MANAGER,
        responses=problem_responses(NotInCatalogue, PreconditionFailed, PreconditionMissing),
    )
    async def draft_retirement(
        self, caller: NamedDependency[Caller], slug: Slug, if_match: IfMatch = None
    ) -> "Response[Managed[D]]":
        """Draft that it is retired: once published, what was earned stays, and no more is earned.

        It takes the place of another draft. `If-Match` is needed as for any draft.
        """
        saved = await service.save(
            self.what, slug, None, if_match=if_match, if_none_match=None, by=caller
        )
        return _tagged(saved)

    @delete(
        "/{slug:str}/draft",
        opt=MANAGER,
        responses=problem_responses(
            DraftNotFound, NothingOfThisName, PreconditionFailed, PreconditionMissing
        ),
    )
    async def drop_draft(
        self, caller: NamedDependency[Caller], slug: Slug, if_match: IfMatch = None
    ) -> None:
        """Drop its draft. What is published stays as it is."""
        await service.drop(self.what, slug, if_match=if_match, by=caller)


def _tagged(thing: Any) -> Response[Any]:  # noqa: ANN401
    headers = {"ETag": thing.etag, "Cache-Control": "private, no-cache"}
    return Response(Managed.of(thing), headers=headers)
