"""Where a member's way through a journey leads next: what to say, until when to wait. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from notifications.journeys.plan import (
    JOINED,
    PRESENCE,
    AllOf,
    AnyOf,
    Condition,
    Happened,
    LongAgo,
    Not,
    Plan,
    Send,
    Step,
    Wait,
    WaitForAnniversary,
    WaitForSilence,
)

UTC: Final = ZoneInfo("UTC")
# When somebody's anniversary begins, where they are.
MORNING: Final = time(10)


class Seen(msgspec.Struct, frozen=True):
    """Since when something holds for a member, and when it happened last."""

    first_at: datetime
    last_at: datetime

    def and_also(self, other: "Seen") -> "Seen":
        """Both, as if they were one."""
        return Seen(min(self.first_at, other.first_at), max(self.last_at, other.last_at))


Facts = Mapping[str, Seen]


class Ending(StrEnum):
    """How a run ended."""

    FINISHED = "finished"
    REACHED = "reached"
    LATE = "late"
    LEFT = "left"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Where a member is in a journey: at a step, since a moment."""

    began_at: datetime
    place: int = 0
    since: datetime
    zone: ZoneInfo = UTC


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What to say now, by place, and where the member is then: waiting or at an end.

    Who waits without `until` waits for something to happen.
    """

    place: int
    since: datetime
    says: tuple[int, ...] = ()
    until: datetime | None = None
    ending: Ending | None = None


def advance(run: Run, plan: Plan, facts: Facts, now: datetime) -> Act:
    """Go as far as one can go now."""
    place, since = run.place, run.since
    says: list[int] = []
    ends_at = None if plan.time is None else run.began_at + plan.time
    while True:
        ending = _ending(plan, place, ends_at, facts, now)
        if ending is not None:
            return Act(place=place, since=since, says=tuple(says), ending=ending)
        step = plan.steps[place]
        if isinstance(step, Send):
            if step.only_if is None or holds(step.only_if, facts, now):
                says.append(place)
        else:
            ready = _ready(step, run, since, facts)
            if ready > now:
                until = ready if ends_at is None else min(ready, ends_at)
                return Act(place=place, since=since, says=tuple(says), until=until)
        place, since = place + 1, now


def _ending(
    plan: Plan, place: int, ends_at: datetime | None, facts: Facts, now: datetime
) -> Ending | None:
    if plan.goal is not None and holds(plan.goal, facts, now):
        return Ending.REACHED
    if place >= len(plan.steps):
        return Ending.FINISHED
    return Ending.LATE if ends_at is not None and ends_at <= now else None


def _ready(step: Step, run: Run, since: datetime, facts: Facts) -> datetime:
    match step:
        case Wait():
            return since + step.time
        case WaitForSilence(days=days):
            return _last(facts, PRESENCE, run.began_at) + timedelta(days=days)
        case WaitForAnniversary():
            joined = facts.get(JOINED)
            day = run.began_at if joined is None else joined.first_at
            return next_anniversary(day, since, run.zone)
        case Send():
            return since


def _last(facts: Facts, names: Iterable[str], otherwise: datetime) -> datetime:
    return max((facts[name].last_at for name in names if name in facts), default=otherwise)


def next_anniversary(of: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first anniversary after a moment. A leap day's is the 28th where there is no 29th."""
    day = of.astimezone(zone).date()
    year = max(day.year + 1, after.astimezone(zone).year)
    while True:
        morning = datetime.combine(_in_year(day, year), MORNING, zone).astimezone(UTC)
        if morning > after:
            return morning
        year += 1


def _in_year(day: date, year: int) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(year, 3, 1) - timedelta(days=1) if is_leap_day else day.replace(year=year)


def holds(condition: Condition, facts: Facts, now: datetime) -> bool:
    """Whether a condition holds for who these facts are about."""
    match condition:
        case Happened(fact=fact, within_days=days):
            seen = facts.get(fact)
            return seen is not None and (days is None or seen.last_at >= now - timedelta(days=days))
        case LongAgo(fact=fact, days=days):
            seen = facts.get(fact)
            return seen is not None and seen.last_at <= now - timedelta(days=days)
        case Not(of=of):
            return not holds(of, facts, now)
        case AllOf(of=every):
            return all(holds(each, facts, now) for each in every)
        case AnyOf(of=some):
            return any(holds(each, facts, now) for each in some)
