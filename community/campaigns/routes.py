"""What managers do with campaigns."""

from uuid import UUID

from litestar import Controller, MediaType, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED

from community.campaigns import service
from community.campaigns.views import (
    AudienceView,
    CampaignView,
    PhonesView,
    ResultsView,
    When,
)
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.languages import Language
from ground.preconditions import IfMatch, PreconditionFailed, PreconditionMissing
from ground.roles import Role
from notifications.campaigns import keeping, managing
from notifications.campaigns.definition import Campaign
from notifications.campaigns.errors import (
    CampaignInvalid,
    CampaignNotFound,
    CampaignState,
    OwnCampaign,
    SenderGone,
    TooManyBroadcasts,
)
from notifications.campaigns.keeping import Kept
from notifications.campaigns.page import page, policy
from notifications.campaigns.phones import shown
from notifications.wording.lint import WordingRefused

MANAGER = {"role": Role.MANAGER}
Answer = Response[CampaignView]
NotThere = problem_responses(CampaignNotFound)
NotInState = problem_responses(CampaignNotFound, CampaignState)
Preconditions = (PreconditionFailed, PreconditionMissing)


class CampaignController(Controller):
    path = "/v1/manage/campaigns"
    tags = ("manage",)

    @get(opt=MANAGER, responses=problem_responses(CursorInvalid))
    async def list_campaigns(
        self, limit: Limit = 20, cursor: CursorParameter = None
    ) -> Page[CampaignView]:
        """List all campaigns, drafts too, the newest first."""
        return await service.several(limit, cursor)

    @post(opt=MANAGER, responses=problem_responses(CampaignInvalid, WordingRefused))
    async def create(self, caller: NamedDependency[Caller], data: JSONBody[Campaign]) -> Answer:
        """Write a draft of a campaign. Nobody is told anything before it is scheduled.

        What asks something of members is a `solicitation`: it waits for its turn in each member's
        budget of attention. `news` ask nothing; words that do are refused with their place. So
        are words that press people, and images from unknown hosts.
        """
        made = await service.create(data, by=caller)
        return _told(made, Location=f"/v1/manage/campaigns/{made.id}")

    @get("/{campaign_id:uuid}", opt=MANAGER, responses=NotThere)
    async def read(self, campaign_id: FromPath[UUID]) -> Answer:
        """Read a campaign and how far it has come.

        The `ETag` is what a change has to name in `If-Match`. It stays the same while it is sent.
        """
        return _told(await keeping.one(campaign_id))

    @put(
        "/{campaign_id:uuid}",
        opt=MANAGER,
        responses=problem_responses(
            CampaignNotFound, CampaignInvalid, WordingRefused, CampaignState, *Preconditions
        ),
    )
    async def change(
        self,
        caller: NamedDependency[Caller],
        campaign_id: FromPath[UUID],
        data: JSONBody[Campaign],
        if_match: IfMatch = None,
    ) -> Answer:
        """Change a draft. What is proposed or scheduled has to become a draft again first."""
        return _told(await service.change(campaign_id, data, if_match, by=caller))

    @delete("/{campaign_id:uuid}", opt=MANAGER, responses=NotInState)
    async def discard(self, caller: NamedDependency[Caller], campaign_id: FromPath[UUID]) -> None:
        """Throw a draft away."""
        await managing.discard(campaign_id, by=caller)

    @get("/{campaign_id:uuid}/audience", opt=MANAGER, responses=NotThere)
    async def count(
        self, language: NamedDependency[Language], campaign_id: FromPath[UUID]
    ) -> AudienceView:
        """Count who would get it, and who wouldn't or only later, and why.

        As of now, or of when it is scheduled. Nobody is named.
        """
        return await service.foreseen(campaign_id, language)

    @get("/{campaign_id:uuid}/phones", opt=MANAGER, responses=NotThere)
    async def phones(self, campaign_id: FromPath[UUID]) -> PhonesView:
        """Read what each platform would show, cut where it cuts, in both languages.

        How much a folded notification shows depends on the phone; these are common ones.
        """
        return PhonesView(phones=shown((await keeping.one(campaign_id)).definition))

    @get(
        "/{campaign_id:uuid}/preview",
        opt=MANAGER,
        media_type=MediaType.HTML,
        responses=NotThere,
    )
    async def preview(self, campaign_id: FromPath[UUID]) -> Response[str]:
        """See it on the outlines of phones, in both languages: a page that loads but its image."""
        written = (await keeping.one(campaign_id)).definition
        headers = {"Content-Security-Policy": policy(written), "Cache-Control": "private, no-cache"}
        return Response(page(written), media_type=MediaType.HTML, headers=headers)

    @post(
        "/{campaign_id:uuid}/test",
        opt=MANAGER,
        status_code=HTTP_202_ACCEPTED,
        responses=NotThere,
    )
    async def test(self, caller: NamedDependency[Caller], campaign_id: FromPath[UUID]) -> Answer:
        """Send it to yourself: to your own devices and inbox, once in each language."""
        return _told(await managing.test(campaign_id, by=caller), HTTP_202_ACCEPTED)

    @put(
        "/{campaign_id:uuid}/schedule",
        opt=MANAGER,
        responses=problem_responses(
            CampaignNotFound, CampaignInvalid, CampaignState, TooManyBroadcasts, *Preconditions
        ),
    )
    async def schedule(
        self,
        caller: NamedDependency[Caller],
        campaign_id: FromPath[UUID],
        data: JSONBody[When],
        if_match: IfMatch = None,
    ) -> Answer:
        """Let it go out, now or at a moment; to each member at a decent hour of theirs.

        To more members than one manager writes to alone within 24 hours it is `proposed`, until
        another manager approves it. So many are written to a few times a day at most.
        """
        return _told(await service.schedule(campaign_id, data.at, if_match, by=caller))

    @delete(
        "/{campaign_id:uuid}/schedule",
        opt=MANAGER,
        status_code=HTTP_200_OK,
        responses=NotInState,
    )
    async def unschedule(
        self, caller: NamedDependency[Caller], campaign_id: FromPath[UUID]
    ) -> Answer:
        """Make it a draft again, before anything has gone out."""
        return _told(await managing.unschedule(campaign_id, by=caller))

    @put(
        "/{campaign_id:uuid}/approval",
        opt=MANAGER,
        responses=problem_responses(
            CampaignNotFound,
            CampaignState,
            OwnCampaign,
            SenderGone,
            TooManyBroadcasts,
            *Preconditions,
        ),
    )
    async def approve(
        self,
        caller: NamedDependency[Caller],
        campaign_id: FromPath[UUID],
        if_match: IfMatch = None,
    ) -> Answer:
        """Give the second word to what another manager wants to send to many.

        To exactly what you have seen, by its `ETag`. Nobody approves what they want themselves.
        """
        return _told(await service.approve(campaign_id, if_match, by=caller))

    @put("/{campaign_id:uuid}/refusal", opt=MANAGER, responses=NotInState)
    async def refuse(self, caller: NamedDependency[Caller], campaign_id: FromPath[UUID]) -> Answer:
        """Say no to what another manager wants to send: it is a draft again."""
        return _told(await managing.refuse(campaign_id, by=caller))

    @put("/{campaign_id:uuid}/stopped", opt=MANAGER, responses=NotInState)
    async def stop(self, caller: NamedDependency[Caller], campaign_id: FromPath[UUID]) -> Answer:
        """Stop it: nobody else is written to, and what waits to be pushed isn't any more.

        What is in an inbox or on a phone stays there. It can't be undone; stopping again changes
        nothing.
        """
        return _told(await managing.stop(campaign_id, by=caller))

    @get("/{campaign_id:uuid}/results", opt=MANAGER, responses=NotThere)
    async def results(
        self, language: NamedDependency[Language], campaign_id: FromPath[UUID]
    ) -> ResultsView:
        """Read what became of it: what left, what arrived, and what members did with it."""
        return await service.what_became(campaign_id, language)


def _told(kept: Kept, status: int | None = None, **headers: str) -> Answer:
    tagged = {"ETag": kept.etag, "Cache-Control": "private, no-cache", **headers}
    return Response(CampaignView.of(kept), headers=tagged, status_code=status)
