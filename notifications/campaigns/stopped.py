"""Which notifications are of a campaign that was stopped: asked again when they leave."""

from collections.abc import Collection
from typing import Final

from ground.engine import fetch

OF_CAMPAIGNS: Final = frozenset({"campaign.news", "campaign.ask"})

_STOPPED: Final = """
SELECT m.notification_id FROM campaign_member m JOIN campaign c ON c.id = m.campaign
WHERE m.notification_id = ANY($1::bigint[]) AND c.state = 'stopped'
"""


async def stopped(notification_ids: Collection[int]) -> set[int]:
    """Those that don't leave any more. A statement, where there is anything to ask for."""
    if not notification_ids:
        return set()
    rows = await fetch(_STOPPED, list(notification_ids))
    return {row["notification_id"] for row in rows}
