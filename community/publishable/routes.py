"""How managers look after the keys of public sites."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from community.publishable import service
from community.publishable.errors import (
    PublishableKeyNotAcceptable,
    PublishableKeyNotFound,
    PublishableKeyRevoked,
)
from community.publishable.key import SETS
from community.publishable.service import Opened
from community.publishable.views import (
    PublishableKeyChange,
    PublishableKeyView,
    PublishableKeyWanted,
)
from ground import cursors
from ground.callers import Caller
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.roles import Role

MANAGER = {"role": Role.MANAGER}


class PublishableKeyController(Controller):
    path = "/v1/manage/publishable-keys"
    tags = ("manage",)

    @get(opt=MANAGER)
    async def list_keys(
        self, limit: Limit = 20, cursor: CursorParameter = None
    ) -> Page[PublishableKeyView]:
        """List all publishable keys there ever were, newest first."""
        before = cursors.decode(cursor, datetime, UUID) if cursor else None
        found = await service.page(before=before, limit=limit + 1)
        shown = found[:limit]
        more = len(found) > limit
        return Page(
            items=[PublishableKeyView.of(key) for key in shown],
            next_cursor=cursors.encode(shown[-1].created_at, shown[-1].id) if more else None,
        )

    @get("/{key_id:uuid}", opt=MANAGER, responses=problem_responses(PublishableKeyNotFound))
    async def read(self, key_id: FromPath[UUID]) -> PublishableKeyView:
        """Read a publishable key: what it opens, and where."""
        return PublishableKeyView.of(await service.known_key(key_id))

    @post(opt=MANAGER, responses=problem_responses(PublishableKeyNotAcceptable))
    async def create(
        self, caller: NamedDependency[Caller], data: JSONBody[PublishableKeyWanted]
    ) -> PublishableKeyView:
        """Make a key for the pages of a public site.

        It opens the boards and challenges it names, for reading, and nothing else. Only members
        who chose to appear on public sites are in what it opens. Everybody who sees the page can
        read the key, so it is no secret.
        """
        opened = Opened(**_of(msgspec.structs.asdict(data)))
        return PublishableKeyView.of(await service.create(opened, by=caller))

    @patch(
        "/{key_id:uuid}",
        opt=MANAGER,
        responses=problem_responses(
            PublishableKeyNotFound, PublishableKeyRevoked, PublishableKeyNotAcceptable
        ),
    )
    async def change(
        self,
        caller: NamedDependency[Caller],
        key_id: FromPath[UUID],
        data: JSONBody[PublishableKeyChange],
    ) -> PublishableKeyView:
        """Change what a publishable key opens, where, or what it is called.

        It holds everywhere within five seconds, and in caches on the way within thirty more.
        """
        given = msgspec.structs.asdict(data).items()
        wanted = {name: value for name, value in given if value is not UNSET}
        return PublishableKeyView.of(await service.change(key_id, _of(wanted), by=caller))

    @delete("/{key_id:uuid}", opt=MANAGER, responses=problem_responses(PublishableKeyNotFound))
    async def revoke(self, caller: NamedDependency[Caller], key_id: FromPath[UUID]) -> None:
        """Revoke a publishable key.

        It opens nothing any more, everywhere within five seconds. Doing it again changes
        nothing. The key stays in the list.
        """
        await service.revoke(key_id, by=caller)


def _of(fields: dict[str, Any]) -> dict[str, Any]:
    """The lists as sets: what is named twice is opened once."""
    return {name: frozenset(each) if name in SETS else each for name, each in fields.items()}
