"""Who reads: a member, or the page of a site with a publishable key."""

from uuid import UUID

import msgspec

from ground.roles import Role

# What stands before the name of a channel that is another one for sites.
ON_SITES = "site_"


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """What a ticket is for. A site's page may read the channels that its key names."""

    member: UUID | None = None
    role: Role = Role.AMBASSADOR
    key: UUID | None = None
    channels: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    def inner(self, channel: str) -> str:
        """What a client's channel is called inside.

        A site hears a board without the names that are only for members.
        """
        if self.key is not None and channel.startswith("board:"):
            return f"{ON_SITES}{channel}"
        return f"member:{self.member}" if channel == "me" else channel
