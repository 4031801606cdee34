"""Read one's inbox, and say what one wants less of."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from ground import cursors
from ground.callers import Caller
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.languages import Language
from notifications.inbox import service
from notifications.inbox.errors import NotificationNotFound
from notifications.inbox.views import (
    HeldBackView,
    InboxPage,
    LessView,
    NotificationView,
    StoryView,
    Unread,
)
from notifications.preferences import wishes
from notifications.preferences.errors import AlwaysSaid, NoPreferences
from notifications.wording.names import names_of

UnreadOnly = Annotated[bool, QueryParameter(description="Only what you haven't read.")]
Until = Annotated[
    datetime | None,
    QueryParameter(description="Only what came until then, so that nothing unseen is read."),
]
NotFound = problem_responses(NotificationNotFound)


class InboxController(Controller):
    path = "/v1/me/notifications"
    tags = ("notifications",)

    @get()
    async def list_notifications(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        unread: UnreadOnly = False,
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> InboxPage:
        """List what you were told, the newest first, in the language of `Accept-Language`.

        What is alike becomes one message as long as you haven't read it. Messages are kept for a
        year; what you archived is not listed.
        """
        before = cursors.decode(cursor, datetime, int) if cursor else None
        found = await service.page(
            caller.member, before=before, unread_only=unread, limit=limit + 1
        )
        shown = found[:limit]
        names = await names_of({each for row in shown for each in row["actors"]})
        last = shown[-1] if len(found) > limit else None
        return InboxPage(
            items=[NotificationView.of(row, language, names) for row in shown],
            next_cursor=None if last is None else cursors.encode(last["told_at"], last["id"]),
            unread=await service.unread(caller.member),
        )

    @get("/unread")
    async def count_unread(self, caller: NamedDependency[Caller]) -> Unread:
        """Count what you haven't read."""
        return Unread(unread=await service.unread(caller.member))

    @get("/held-back")
    async def list_held_back(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Page[HeldBackView]:
        """List what would have asked something of you and hasn't, with the reason.

        All that asks something of you draws on one budget, and waits for its turn or is dropped.
        """
        before = cursors.decode(cursor, int)[0] if cursor else None
        found = await service.held_back(caller.member, before=before, limit=limit + 1)
        shown = found[:limit]
        names = await names_of({each for row in shown for each in row["actors"]})
        return Page(
            items=[HeldBackView.of(row, language, names) for row in shown],
            next_cursor=cursors.encode(shown[-1]["id"]) if len(found) > limit else None,
        )

    @get("/{notification_id:int}/why", responses=NotFound)
    async def explain(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        notification_id: FromPath[int],
    ) -> StoryView:
        """Read why a message came, came later, or didn't."""
        return StoryView.of(await service.story(caller.member, notification_id), language)

    @put("/read", status_code=HTTP_204_NO_CONTENT)
    async def read_all(self, caller: NamedDependency[Caller], until: Until = None) -> None:
        """Mark all messages as read."""
        await service.read_all(caller.member, until)

    @put("/{notification_id:int}/read", status_code=HTTP_204_NO_CONTENT, responses=NotFound)
    async def read(self, caller: NamedDependency[Caller], notification_id: FromPath[int]) -> None:
        """Mark a message as read. Reading it again changes nothing."""
        await service.read(caller.member, notification_id)

    @put("/{notification_id:int}/archived", status_code=HTTP_204_NO_CONTENT, responses=NotFound)
    async def archive(
        self, caller: NamedDependency[Caller], notification_id: FromPath[int]
    ) -> None:
        """Put a message away. It isn't listed any more."""
        await service.archive(caller.member, notification_id)

    @put("/{notification_id:int}/declined", status_code=HTTP_204_NO_CONTENT, responses=NotFound)
    async def decline(
        self, caller: NamedDependency[Caller], notification_id: FromPath[int]
    ) -> None:
        """Say no to what a message asks of you.

        Nothing follows from it, but that you are asked for the same kind of thing less often:
        each no in a row doubles the wait until the next time.
        """
        await wishes.decline(caller.member, notification_id)

    @post(
        "/{notification_id:int}/less",
        status_code=HTTP_200_OK,
        responses=problem_responses(NotificationNotFound, AlwaysSaid, NoPreferences),
    )
    async def less(
        self, caller: NamedDependency[Caller], notification_id: FromPath[int]
    ) -> LessView:
        """Ask for less of what is like a message.

        The loudest channel of its kind falls silent: pushes first, then the digest. What asks
        something of you is taken as a no as well. `GET /v1/me/preferences` has the way back.
        """
        category, switched_off = await wishes.less(caller.member, notification_id)
        return LessView(category=category.slug, switched_off=switched_off)
