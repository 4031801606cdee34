"""Cutting off: a member's sockets are closed when what they may hear isn't theirs any more."""

from uuid import UUID

from ground import valkey
from ground.unit_of_work import after_commit, in_transaction
from notifications.announcements.wire import CUTS, Cut, packed_cut


async def cut(member_id: UUID, why: str) -> None:
    """Close a member's sockets after COMMIT, with a code that says why.

    Best effort, for speed alone: whoever holds sockets looks at their members' state every few
    seconds anyway.
    """
    message = packed_cut(Cut(member_id=member_id, why=why))

    async def publish() -> None:
        try:
            await valkey.ask(lambda client: client.publish(CUTS, message))
        except (valkey.ValkeyAway, valkey.ValkeyNotOpen):
            return

    if in_transaction():
        after_commit(publish)
    else:
        await publish()
