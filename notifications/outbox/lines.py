"""The delivery log: why something came, came later, or didn't."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from ground import clock
from ground.engine import execute
from notifications.attention.plan import Why
from notifications.wording.category import Channel

WRITE: Final = """
INSERT INTO delivery_line (notification_id, member_id, channel, outcome, why, until, at)
SELECT n, m, c, o, w, u, $7 FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[],
    $5::text[], $6::timestamptz[]) AS l (n, m, c, o, w, u)
"""


class Outcome(StrEnum):
    """What became of it on a channel."""

    SENT = "sent"
    DEFERRED = "deferred"
    MERGED = "merged"
    DIGEST = "digest"
    DROPPED = "dropped"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One decision about one notification on one channel."""

    notification_id: int
    member_id: UUID
    channel: Channel
    outcome: Outcome
    why: Why
    until: datetime | None = None


async def write(lines: Sequence[Line]) -> None:
    """Note decisions."""
    if not lines:
        return
    await execute(
        WRITE,
        [each.notification_id for each in lines],
        [each.member_id for each in lines],
        [each.channel.value for each in lines],
        [each.outcome.value for each in lines],
        [each.why.value for each in lines],
        [each.until for each in lines],
        clock.now(),
    )
