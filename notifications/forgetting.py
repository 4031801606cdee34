"""Forget everything that was said to somebody who is not there any more."""

from uuid import UUID

from notifications.attention import service as attention
from notifications.digests import service as digests
from notifications.inbox import service as inbox
from notifications.journeys import service as journeys
from notifications.mail import addresses
from notifications.preferences import service as preferences


async def forget(member_id: UUID) -> None:
    """Their wishes, what they were told and asked, and what still waited to be sent."""
    await preferences.forget(member_id)
    await inbox.forget(member_id)
    await attention.forget(member_id)
    await journeys.forget(member_id)
    await digests.forget(member_id)
    await addresses.forget(member_id)
