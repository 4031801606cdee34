"""Read a digest in the app."""

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from ground.callers import Caller
from ground.http import problem_responses
from ground.languages import Language
from ground.programme import zone_named
from notifications.digests import service
from notifications.digests.content import Content
from notifications.digests.errors import DigestNotFound
from notifications.digests.plan import Often
from notifications.digests.showing import Eyes, shown
from notifications.digests.views import DigestView
from notifications.preferences import service as preferences
from notifications.wording.names import names_of


class DigestController(Controller):
    path = "/v1/me/digests"
    tags = ("notifications",)

    @get("/{digest_id:int}", responses=problem_responses(DigestNotFound))
    async def read(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        digest_id: FromPath[int],
    ) -> DigestView:
        """Read a digest of yours.

        Your inbox says when there is a new one. How often it comes is `digest` of your preferences.
        """
        row = await service.read(caller.member, digest_id)
        content = msgspec.json.decode(row["content"], type=Content)
        messages = await service.messages_of([content])
        spoken = await preferences.of([caller.member])
        zone = zone_named(spoken[caller.member].time_zone if spoken else "UTC")
        names = await names_of({each for row in messages.values() for each in row["actors"]})
        eyes = Eyes(language=language, zone=zone)
        often = Often(row["often"])
        found = shown(content, often, messages, names, eyes)
        return DigestView.of(digest_id, (row["since"], row["until"]), often, found)
