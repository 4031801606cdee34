"""Says on members' own channels that their inbox changed."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import UUID

from ground.engine import fetch
from notifications.announce import MEMBER, announce_counted
from notifications.announcements.events import Event
from notifications.inbox.events import InboxChanged

UNREAD: Final = """
SELECT m.member_id, (
    SELECT count(*) FROM notification n WHERE n.member_id = m.member_id
        AND n.shown_at IS NOT NULL AND n.read_at IS NULL AND n.archived_at IS NULL
) AS unread
FROM unnest($1::uuid[]) AS m (member_id)
"""


def tell(member_ids: Iterable[UUID]) -> None:
    """Say how many are unread when the unit of work commits, whatever else commits meanwhile."""
    for member_id in member_ids:
        announce_counted(f"{MEMBER}{member_id}", unread_now)


async def unread_now(channels: Collection[str]) -> Mapping[str, Event]:
    """What is unread on each of these members' channels."""
    rows = await fetch(UNREAD, [UUID(channel.removeprefix(MEMBER)) for channel in channels])
    return {f"{MEMBER}{row['member_id']}": InboxChanged(unread=row["unread"]) for row in rows}
