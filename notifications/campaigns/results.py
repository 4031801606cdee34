"""What became of a campaign: two statements, whatever its size."""

from typing import Final
from uuid import UUID

import msgspec

from ground.long_reads import fetch_long
from notifications.campaigns import keeping

MEMBERS: Final = """
SELECT count(*) AS told, count(m.opened_at) AS opened,
    count(*) FILTER (WHERE n.declined_at IS NOT NULL) AS declined,
    count(*) FILTER (WHERE NOT m.muted_before AND p.choices -> $2::text ->> 'push' = 'false')
        AS muted_afterwards,
    count(o.id) AS waiting
FROM campaign_member m JOIN notification n ON n.id = m.notification_id
LEFT JOIN preferences p ON p.member_id = m.member_id
LEFT JOIN outbox o ON o.notification_id = m.notification_id AND o.held_until IS NULL
WHERE m.campaign = $1
"""
PUSHES: Final = """
SELECT d.state AS what, '' AS why, count(*) AS number
FROM campaign_member m JOIN push_delivery d ON d.notification_id = m.notification_id
WHERE m.campaign = $1 GROUP BY d.state
UNION ALL
SELECT 'line', l.why, count(DISTINCT l.notification_id)
FROM campaign_member m JOIN delivery_line l ON l.notification_id = m.notification_id
WHERE m.campaign = $1 AND l.outcome IN ('dropped', 'digest') GROUP BY l.why
"""


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. Members are counted, and pushes to their devices."""

    told: int
    opened: int
    declined: int
    muted_afterwards: int
    waiting: int
    sent: int
    accepted: int
    failed: int
    not_pushed: dict[str, int]


async def results(campaign_id: UUID) -> Results:
    """What became of a campaign so far."""
    kept = await keeping.one(campaign_id)
    [members] = await fetch_long(MEMBERS, campaign_id, kept.definition.category)
    rows = await fetch_long(PUSHES, campaign_id)
    pushes = {row["what"]: row["number"] for row in rows if row["what"] != "line"}
    accepted, failed = pushes.get("sent", 0), pushes.get("failed", 0)
    return Results(
        **dict(members),
        sent=accepted + failed,
        accepted=accepted,
        failed=failed,
        not_pushed={row["why"]: row["number"] for row in rows if row["what"] == "line"},
    )
