"""All that is done by the clock, once in the whole installation. Times are UTC.

Each line says what becomes of ticks for which no worker was there: `RUN_ONCE` makes up for all of
them with one run, as soon as a worker is back; `SKIP` waits for the next. Both are recorded.
"""

from typing import Final

import msgspec

from server.worker.cron import Missed

RUN_ONCE: Final = Missed.RUN_ONCE
SKIP: Final = Missed.SKIP


class Scheduled(msgspec.Struct, frozen=True):
    """A task, when it is due as cron says it (minute, hour, day, month, weekday), and the rest."""

    task: str
    cron: str
    missed: Missed


SCHEDULE: list[Scheduled] = [
    Scheduled("announcements.forget", "*/10 * * * *", SKIP),
    Scheduled("boards.close_periods", "7 * * * *", RUN_ONCE),
    Scheduled("campaigns.by_the_clock", "* * * * *", RUN_ONCE),
    Scheduled("catalogue.forget_previews", "27 * * * *", SKIP),
    Scheduled("catalogue.publish_due", "* * * * *", RUN_ONCE),
    Scheduled("challenges.by_the_clock", "* * * * *", RUN_ONCE),
    Scheduled("devices.forget_unused", "23 4 * * *", SKIP),
    Scheduled("digests.by_the_clock", "* * * * *", RUN_ONCE),
    Scheduled("idempotency.purge", "17 * * * *", SKIP),
    Scheduled("journeys.by_the_clock", "* * * * *", RUN_ONCE),
    Scheduled("notifications.forget", "57 3 * * *", SKIP),
    Scheduled("push.forget", "12 * * * *", SKIP),
    Scheduled("recognition.by_the_clock", "37 * * * *", RUN_ONCE),
    Scheduled("segments.refresh", "*/5 * * * *", RUN_ONCE),
]
