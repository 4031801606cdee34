"""The work that waits: each name in the queue, and the function that does it.

A job runs at least once. What it does in the database is guarded by rows that only one run can
change; what it does outside carries a stable id. Its arguments are ids, never personal data.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from uuid import UUID

from community.campaigns import sending as campaigns
from community.digests import running as digests
from gamification.boards.closing import close_due
from gamification.catalogue.previews import service as previews
from gamification.catalogue.previews import working
from gamification.catalogue.releases.running import run, run_due
from gamification.challenges import thanking
from gamification.challenges.asking import ask_all
from gamification.challenges.celebrating import celebrate_with_all
from gamification.challenges.deciding import by_the_clock
from gamification.challenges.notifying import notify_participants
from gamification.recognition.settle import settle_by_the_clock
from gamification.segments.refresh import refresh as refresh_segments
from ground import clock, idempotency
from notifications.announcements import history as announcements
from notifications.campaigns import withdrawing
from notifications.devices import service as devices
from notifications.digests import service as kept_digests
from notifications.inbox import service as inbox
from notifications.journeys import running as journeys
from notifications.push import deliveries

Task: TypeAlias = Callable[..., Awaitable[Any]]


async def purge_idempotency_keys() -> None:
    """Forget answers that are older than a week, some at a time."""
    while await idempotency.purge():
        pass


async def forget_notifications() -> None:
    """Forget what was told more than a year ago, some at a time."""
    while await inbox.purge():
        pass
    while await kept_digests.purge():
        pass


async def close_periods() -> None:
    """Close the months and weeks whose boards have waited long enough for late arrivals."""
    await close_due(clock.now())


async def recognise_time() -> None:
    """Award what time alone completes, and end the tiers whose grace is over."""
    await settle_by_the_clock(clock.now())


async def publish(publication: int) -> None:
    """Let a publication come into force, or go back. Page by page: a crash resumes where it was."""
    await run(publication)


async def preview(preview: int) -> None:
    """Work out what a publication would do."""
    await working.work_out(preview)


async def thank(challenge: str) -> None:
    """Give the badge of a challenge to everyone who helped. A crash begins anew, and none twice."""
    await thanking.thank(UUID(challenge))


async def send_campaign(campaign: str) -> None:
    """Write to whom a campaign is for, page by page. A crash resumes where it was."""
    await campaigns.send(UUID(campaign))


async def withdraw_campaign(campaign: str) -> None:
    """Let nothing of a stopped campaign leave any more."""
    await withdrawing.withdraw(UUID(campaign))


TASKS: dict[str, Task] = {
    "announcements.forget": announcements.forget,
    "boards.close_periods": close_periods,
    "campaigns.by_the_clock": campaigns.by_the_clock,
    "campaigns.send": send_campaign,
    "campaigns.withdraw": withdraw_campaign,
    "catalogue.forget_previews": previews.forget_expired,
    "catalogue.preview": preview,
    "catalogue.publication": publish,
    "catalogue.publish_due": run_due,
    "challenges.ask": ask_all,
    "challenges.by_the_clock": by_the_clock,
    "challenges.celebrate": celebrate_with_all,
    "challenges.notify": notify_participants,
    "challenges.thank": thank,
    "devices.forget_unused": devices.forget_unused,
    "digests.by_the_clock": digests.by_the_clock,
    "idempotency.purge": purge_idempotency_keys,
    "journeys.by_the_clock": journeys.by_the_clock,
    "notifications.forget": forget_notifications,
    "push.forget": deliveries.forget_old,
    "recognition.by_the_clock": recognise_time,
    "segments.refresh": refresh_segments,
}
