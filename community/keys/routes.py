"""How admins look after the keys of the brand's systems."""

from datetime import datetime, timedelta
from uuid import UUID

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from community.keys import service
from community.keys.errors import KeyNotAcceptable, KeyNotCurrent, KeyNotFound, SourceTaken
from community.keys.views import KeyChange, KeyView, KeyWanted, NewKeyView, RotationWanted
from ground import clock, cursors
from ground.callers import Caller
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.roles import Role

ADMIN = {"role": Role.ADMIN}
# The answer holds a secret, which is kept nowhere in clear.
SECRET = {**ADMIN, "secret": True}


class KeyController(Controller):
    path = "/v1/manage/keys"
    tags = ("manage",)

    @get(opt=ADMIN)
    async def list_keys(self, limit: Limit = 20, cursor: CursorParameter = None) -> Page[KeyView]:
        """List all keys there ever were, newest first.

        Never their secrets. A key that was revoked or has expired stays in the list.
        """
        before = cursors.decode(cursor, datetime, UUID) if cursor else None
        found = await service.page(before=before, limit=limit + 1)
        shown, now = found[:limit], clock.now()
        more = len(found) > limit
        return Page(
            items=[KeyView.of(key, now) for key in shown],
            next_cursor=cursors.encode(shown[-1].created_at, shown[-1].id) if more else None,
        )

    @get("/{key_id:uuid}", opt=ADMIN, responses=problem_responses(KeyNotFound))
    async def read(self, key_id: FromPath[UUID]) -> KeyView:
        """Read a key: what it may do, and when it was last used."""
        return KeyView.of(await service.known_key(key_id), clock.now())

    @post(opt=SECRET, responses=problem_responses(SourceTaken, KeyNotAcceptable))
    async def create(
        self, caller: NamedDependency[Caller], data: JSONBody[KeyWanted]
    ) -> NewKeyView:
        """Make a key for a system that has none.

        The answer is the only place where its secret is ever told.
        """
        lasts = None if data.lasts_seconds is None else timedelta(seconds=data.lasts_seconds)
        made = await service.create(data.name, data.source, data.scopes, lasts=lasts, by=caller)
        return NewKeyView.of(made, clock.now())

    @post(
        "/{key_id:uuid}/rotation",
        opt=SECRET,
        responses=problem_responses(KeyNotFound, KeyNotCurrent),
    )
    async def rotate(
        self,
        caller: NamedDependency[Caller],
        key_id: FromPath[UUID],
        data: JSONBody[RotationWanted],
    ) -> NewKeyView:
        """Replace a key by a new one.

        Both secrets work until the overlap ends, so that the system can change over without a
        gap. The new key has the source, the name and the scopes of the old one.
        """
        overlap = timedelta(seconds=data.overlap_seconds)
        made = await service.rotate(key_id, overlap=overlap, by=caller)
        return NewKeyView.of(made, clock.now())

    @patch(
        "/{key_id:uuid}",
        opt=ADMIN,
        responses=problem_responses(KeyNotFound, KeyNotCurrent, KeyNotAcceptable),
    )
    async def change(
        self,
        caller: NamedDependency[Caller],
        key_id: FromPath[UUID],
        data: JSONBody[KeyChange],
    ) -> KeyView:
        """Change the name of a key, or what it may do.

        It holds everywhere within five seconds. The source stays: entries are known by it.
        """
        changed = await service.change(
            key_id,
            name=None if data.name is UNSET else data.name,
            scopes=None if data.scopes is UNSET else data.scopes,
            by=caller,
        )
        return KeyView.of(changed, clock.now())

    @delete("/{key_id:uuid}", opt=ADMIN, responses=problem_responses(KeyNotFound))
    async def revoke(self, caller: NamedDependency[Caller], key_id: FromPath[UUID]) -> None:
        """Revoke a key.

        It opens nothing any more, everywhere within five seconds. Doing it again changes
        nothing. The key stays in the list, and its source is free for a new one.
        """
        await service.revoke(key_id, by=caller)
