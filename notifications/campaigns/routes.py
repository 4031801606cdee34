"""The app says what was opened."""

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.status_codes import HTTP_204_NO_CONTENT

from ground.callers import Caller
from ground.http import problem_responses
from notifications.campaigns import opening
from notifications.inbox.errors import NotificationNotFound


class OpeningController(Controller):
    path = "/v1/me/notifications"
    tags = ("notifications",)

    @post(
        "/{notification_id:int}/opened",
        status_code=HTTP_204_NO_CONTENT,
        responses=problem_responses(NotificationNotFound),
    )
    async def opened(self, caller: NamedDependency[Caller], notification_id: FromPath[int]) -> None:
        """Say that you opened a message from a push: it is read. Again changes nothing.

        How many opened a campaign is told to those who sent it; who did isn't.
        """
        await opening.opened(caller.member, notification_id)
