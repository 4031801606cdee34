"""What systems of the brand tell."""

from typing import Annotated

from litestar import Controller, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_200_OK

from community.activities import service
from community.activities.errors import ActivityNotFound
from community.activities.views import (
    ActivitiesTold,
    ResultsView,
    ResultView,
    Reversal,
    ReversalResult,
    ReversalsTold,
    ReversalsView,
    ReversedView,
)
from community.keys.scopes import Scope
from community.keys.system import System
from ground.callers import Caller
from ground.gathering import TooMuchAtOnce
from ground.http import problem_responses

MEBIBYTE = 1024 * 1024
INGEST = {"scope": Scope.ACTIVITIES_WRITE.value, "limit": "ingest", "body_limit": MEBIBYTE}
EntryId = Annotated[
    int, PathParameter(ge=1, le=2**63 - 1, description="The `id` that the recording answered.")
]


class ActivityController(Controller):
    path = "/v1/activities"
    tags = ("activities",)

    @post(opt=INGEST, status_code=HTTP_200_OK, responses=problem_responses(TooMuchAtOnce))
    async def record(
        self, caller: NamedDependency[Caller], data: JSONBody[ActivitiesTold]
    ) -> ResultsView:
        """Record what members did.

        Up to 1,000 activities in any order; each is credited once per key, however often it is
        sent, and answered on its own: `recorded`, `duplicate` or `rejected` with a `code`:
        `unknown_member`, `member_left`, `unknown_kind`, `moment_invalid`, `in_the_future`,
        `quantity_out_of_range`, `parent_not_a_text`. The answer comes after everything is stored
        for good. A call that doesn't fit the schema is refused as a whole, and nothing of it is
        recorded.

        In the ledger the entries carry the source of your key. An activity that knows only its
        day counts at the end of that day.
        """
        told = data.activities
        answers = await service.record(System.of(caller).source, [each.told() for each in told])
        return ResultsView(
            results=[
                ResultView.of(each.key, answer) for each, answer in zip(told, answers, strict=True)
            ]
        )

    @put("/{entry_id:int}/reversal", opt=INGEST, responses=problem_responses(ActivityNotFound))
    async def reverse(
        self,
        caller: NamedDependency[Caller],
        entry_id: EntryId,
        data: JSONBody[Reversal],
    ) -> ReversedView:
        """Take an activity back.

        It never happened: its points go, and so does what followed from it. Only your own
        source's; doing it again changes nothing. Send `{}` to give no reason.
        """
        source = System.of(caller).source
        await service.take_back(source, entry_id, reason=data.reason)
        return ReversedView(id=str(entry_id))

    @post("/reversals", opt=INGEST, status_code=HTTP_200_OK)
    async def reverse_by_key(
        self, caller: NamedDependency[Caller], data: JSONBody[ReversalsTold]
    ) -> ReversalsView:
        """Take activities back by your own keys.

        All that your source recorded under each key never happened. Each key is answered on its
        own: `reversed`, `duplicate` if it was before, `rejected` if nothing was recorded.
        """
        source = System.of(caller).source
        stood = await service.take_back_by_key(source, data.keys, reason=data.reason)
        return ReversalsView(results=[ReversalResult.of(key, stood.get(key)) for key in data.keys])
