"""Says on members' own channels that their inbox changed."""

from collections.abc import Iterable
from uuid import UUID

from notifications.announce import announce
from notifications.inbox.events import InboxChanged


def tell(unread: Iterable[tuple[UUID, int]]) -> None:
    """Say how many are unread now, when the unit of work commits."""
    for member_id, number in unread:
        announce(f"member:{member_id}", InboxChanged(unread=number))
