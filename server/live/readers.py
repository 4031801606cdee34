"""What readers are now, as PostgreSQL has it."""

from collections.abc import Collection, Mapping
from uuid import UUID

import msgspec

from community.members.connected import active_roles
from community.publishable import service as publishable
from community.publishable.errors import PublishableKeyNotFound
from community.publishable.key import PublishableKey
from server.live.reader import Reader


def of_site(key: PublishableKey) -> Reader:
    """The reader that a page with this key is."""
    boards = {f"board:{slug}" for slug in key.boards}
    challenges = {f"challenge:{each}" for each in key.challenges}
    return Reader(key=key.id, channels=frozenset(boards | challenges), origins=key.origins)


async def as_they_are(readers: Collection[Reader]) -> Mapping[Reader, Reader]:
    """Each reader as they are now. Who may read nothing any more isn't in the answer."""
    roles = await active_roles({reader.member for reader in readers if reader.member})
    sites = await _sites({reader.key for reader in readers if reader.key})
    found: dict[Reader, Reader] = {}
    for reader in readers:
        if reader.member in roles:
            found[reader] = msgspec.structs.replace(reader, role=roles[reader.member])
        elif reader.key in sites:
            found[reader] = sites[reader.key]
    return found


async def _sites(key_ids: Collection[UUID]) -> dict[UUID, Reader]:
    found = {}
    for key_id in key_ids:
        try:
            key = await publishable.known_key(key_id)
        except PublishableKeyNotFound:
            continue
        if key.revoked_at is None:
            found[key_id] = of_site(key)
    return found
