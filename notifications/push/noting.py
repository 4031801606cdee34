"""Notes in the delivery log what became of pushes: one line for each, however many devices."""

from collections.abc import Collection
from typing import Final

from notifications.attention.plan import Why
from notifications.outbox.lines import Line, Outcome, write
from notifications.push import deliveries
from notifications.wording.category import Channel

REASONS: Final = {each.value: each for each in Why}


async def note(outbox_ids: Collection[int], just_now: Collection[int]) -> None:
    """Note what came to its end: at the first device that has it, or once none can have it."""
    rows = await deliveries.ended(set(outbox_ids), just_now)
    await write(
        [
            Line(
                notification_id=row["notification_id"],
                member_id=row["member_id"],
                channel=Channel.PUSH,
                outcome=Outcome.SENT if row["is_sent"] else Outcome.DROPPED,
                why=Why.SENT if row["is_sent"] else REASONS.get(row["fault"] or "", Why.GIVEN_UP),
            )
            for row in rows
        ]
    )
