"""What managers do with challenges."""

from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK

from community.challenges.managed import service
from community.challenges.managed.views import (
    Extension,
    ForeseenView,
    ManagedChallengeView,
    WordGiven,
    WordNeeded,
)
from gamification.challenges import managing
from gamification.challenges.definition import ChallengeDefinition
from gamification.challenges.errors import ChallengeInvalid, ChallengeNotFound, ChallengeState
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.languages import Language
from ground.preconditions import IfMatch, PreconditionFailed, PreconditionMissing
from ground.roles import Role
from notifications.wording.lint import WordingRefused

MANAGER = {"role": Role.MANAGER}
ManagedAnswer = Response[ManagedChallengeView]


class ManagedChallengeController(Controller):
    path = "/v1/manage/challenges"
    tags = ("challenges",)

    @get(opt=MANAGER, responses=problem_responses(CursorInvalid))
    async def list_all(
        self, limit: Limit = 20, cursor: CursorParameter = None
    ) -> Page[ManagedChallengeView]:
        """List all challenges, drafts too, the newest first."""
        return await service.all_of_them(limit, cursor)

    @post(opt=MANAGER, responses=problem_responses(ChallengeInvalid, WordingRefused))
    async def create(
        self, caller: NamedDependency[Caller], data: JSONBody[ChallengeDefinition]
    ) -> ManagedAnswer:
        """Write a draft of a challenge. Members see nothing of it before it is published.

        What counts is a term of the criteria algebra, as in badges; its `at_least` is the goal.
        What is wrong is refused with its place and the reason, and so are words that would
        press people.
        """
        made = await managing.create(data, by=caller)
        return await _told(made.id, {"Location": f"/v1/manage/challenges/{made.id}"})

    @post(
        "/previews",
        opt=MANAGER,
        status_code=HTTP_200_OK,
        responses=problem_responses(ChallengeInvalid),
    )
    async def preview(
        self, language: NamedDependency[Language], data: JSONBody[ChallengeDefinition]
    ) -> ForeseenView:
        """Hold a challenge against the past, without saving anything.

        It tells on which day it would be reached with the activity of as many days before now
        as it is to last, and whether few would carry it.
        """
        return await service.foresee(data, language)

    @get("/{challenge_id:uuid}", opt=MANAGER, responses=problem_responses(ChallengeNotFound))
    async def read(self, challenge_id: FromPath[UUID]) -> ManagedAnswer:
        """Read a challenge. The `ETag` is what a change has to name in `If-Match`."""
        return await _told(challenge_id)

    @put(
        "/{challenge_id:uuid}",
        opt=MANAGER,
        responses=problem_responses(
            ChallengeNotFound,
            ChallengeInvalid,
            ChallengeState,
            WordingRefused,
            PreconditionFailed,
            PreconditionMissing,
        ),
    )
    async def change(
        self,
        caller: NamedDependency[Caller],
        challenge_id: FromPath[UUID],
        data: JSONBody[ChallengeDefinition],
        if_match: IfMatch = None,
    ) -> ManagedAnswer:
        """Change a challenge. Once it has started, only what it says and `shows_ranking` change.

        Send `If-Match` with the `ETag` that you read: without it the answer is 428, and 412 if
        somebody changed it meanwhile. An end is moved with `PUT .../end`.
        """
        await service.change(challenge_id, data, if_match, by=caller)
        return await _told(challenge_id)

    @delete(
        "/{challenge_id:uuid}",
        opt=MANAGER,
        responses=problem_responses(ChallengeNotFound, ChallengeState),
    )
    async def discard(self, caller: NamedDependency[Caller], challenge_id: FromPath[UUID]) -> None:
        """Throw a draft away. What is published can't be: cancel it."""
        await managing.discard(challenge_id, by=caller)

    @put(
        "/{challenge_id:uuid}/published",
        opt=MANAGER,
        responses=problem_responses(ChallengeNotFound, ChallengeInvalid),
    )
    async def publish(
        self, caller: NamedDependency[Caller], challenge_id: FromPath[UUID]
    ) -> ManagedAnswer:
        """Let members see and join it. It starts at its date with whoever is in; or at once.

        Whom it is for is asked once, when it is a moment to ask them; nobody is after a no.

        Publishing what is published changes nothing.
        """
        await managing.publish(challenge_id, by=caller)
        return await _told(challenge_id)

    @put(
        "/{challenge_id:uuid}/end",
        opt=MANAGER,
        responses=problem_responses(
            ChallengeNotFound, ChallengeInvalid, ChallengeState, WordingRefused
        ),
    )
    async def extend(
        self,
        caller: NamedDependency[Caller],
        challenge_id: FromPath[UUID],
        data: JSONBody[Extension],
    ) -> ManagedAnswer:
        """Let it end later, with a word to who takes part. It is never made shorter."""
        await managing.extend(challenge_id, data.ends_at, data.word, by=caller)
        return await _told(challenge_id)

    @put(
        "/{challenge_id:uuid}/paused",
        opt=MANAGER,
        responses=problem_responses(ChallengeNotFound, ChallengeState, WordingRefused),
    )
    async def pause(
        self,
        caller: NamedDependency[Caller],
        challenge_id: FromPath[UUID],
        data: JSONBody[WordGiven],
    ) -> ManagedAnswer:
        """Let nothing count for a while. Pausing again changes nothing."""
        await managing.pause(challenge_id, data.word, by=caller)
        return await _told(challenge_id)

    @put(
        "/{challenge_id:uuid}/resumed",
        opt=MANAGER,
        responses=problem_responses(ChallengeNotFound, ChallengeState, WordingRefused),
    )
    async def resume(
        self,
        caller: NamedDependency[Caller],
        challenge_id: FromPath[UUID],
        data: JSONBody[WordGiven],
    ) -> ManagedAnswer:
        """Go on. Its end moves on by as long as it paused."""
        await managing.resume(challenge_id, data.word, by=caller)
        return await _told(challenge_id)

    @put(
        "/{challenge_id:uuid}/cancelled",
        opt=MANAGER,
        responses=problem_responses(ChallengeNotFound, ChallengeState, WordingRefused),
    )
    async def cancel(
        self,
        caller: NamedDependency[Caller],
        challenge_id: FromPath[UUID],
        data: JSONBody[WordNeeded],
    ) -> ManagedAnswer:
        """End it now, with a word to who takes part. What was earned stays earned.

        It can't be undone. Cancelling again changes nothing.
        """
        await managing.cancel(challenge_id, data.word, by=caller)
        return await _told(challenge_id)


async def _told(challenge_id: UUID, headers: dict[str, str] | None = None) -> ManagedAnswer:
    view = await service.one(challenge_id)
    return Response(
        view, headers={"ETag": view.etag, "Cache-Control": "private, no-cache", **(headers or {})}
    )
