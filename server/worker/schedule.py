"""What is done regularly, once in the whole installation. Times are UTC."""

import msgspec


class Scheduled(msgspec.Struct, frozen=True):
    """A task and when it is due, as cron says it: minute, hour, day, month, weekday."""

    task: str
    cron: str


SCHEDULE: list[Scheduled] = [
    Scheduled("announcements.forget", "*/10 * * * *"),
    Scheduled("boards.close_periods", "7 * * * *"),
    Scheduled("catalogue.forget_previews", "27 * * * *"),
    Scheduled("catalogue.publish_due", "* * * * *"),
    Scheduled("challenges.by_the_clock", "* * * * *"),
    Scheduled("devices.forget_unused", "23 4 * * *"),
    Scheduled("idempotency.purge", "17 * * * *"),
    Scheduled("journeys.by_the_clock", "* * * * *"),
    Scheduled("notifications.forget", "57 3 * * *"),
    Scheduled("push.forget", "12 * * * *"),
    Scheduled("recognition.by_the_clock", "37 * * * *"),
    Scheduled("segments.refresh", "*/5 * * * *"),
]
