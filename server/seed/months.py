"""Three months of the demo, made up day by day and the same every time. Pure."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from server.seed.people import Character, Temper

DAYS: Final = 92
SEED: Final = 20
A_WEEK: Final = 7
SATURDAY: Final = 5

# How often a week somebody does something.
TEMPERS: Final[dict[Temper, dict[str, float]]] = {
    "pillar": {"post": 1.6, "answer": 2.6, "feedback": 0.5, "story": 0.3, "review": 0.8},
    "helper": {"post": 0.5, "answer": 1.9, "feedback": 0.3, "review": 0.4},
    "teller": {"post": 0.8, "answer": 0.4, "story": 0.6, "review": 0.5},
    "host": {"post": 0.7, "answer": 0.6, "feedback": 0.3},
    "quiet": {"post": 0.2, "answer": 0.25, "feedback": 0.15},
    "newcomer": {"post": 0.9, "answer": 0.5, "feedback": 0.3},
    "resting": {"post": 0.9, "answer": 1.1, "story": 0.2},
    "staff": {"post": 0.4, "answer": 0.5},
}
GOES_OUT: Final[dict[Temper, float]] = {"pillar": 0.6, "host": 0.8, "helper": 0.3, "teller": 0.3}
WELCOMES: Final = ("pillar", "helper", "staff")
TRIES_EARLY: Final = ("pillar", "helper", "teller")
THANKS_FOR: Final = {"post": 2, "answer": 3, "story": 5, "feedback": 1}


class Deed(NamedTuple):
    """Something that somebody of the demo did, or that was done to them."""

    uid: str
    kind: str
    at: datetime
    key: str
    subject: str = ""
    parent: str = ""
    # Who gave thanks, or who was welcomed.
    other: str = ""


def three_months(people: Sequence[Character], now: datetime) -> list[Deed]:
    """What happened until now, in order."""
    deeds = _Months(people, now).told()
    return sorted((deed for deed in deeds if deed.at <= now), key=lambda deed: (deed.at, deed.key))


class _Months:
    def __init__(self, people: Sequence[Character], now: datetime) -> None:
        self.people = people
        self.now = now
        # Not for secrets: the same demo every time.
        self.dice = random.Random(SEED)  # noqa: S311
        self.number = 0
        self.posts: list[str] = []
        self.stories: list[str] = []

    def told(self) -> Iterator[Deed]:
        for days_ago in range(DAYS, -1, -1):
            present = [person for person in self.people if person.joined > days_ago]
            for person in present:
                yield from self._day_of(person, days_ago)
            yield from self._meeting(present, days_ago)
            yield from self._newcomers(present, days_ago)

    def _day_of(self, person: Character, days_ago: int) -> Iterator[Deed]:
        if person.temper == "resting" and days_ago < DAYS // 2:
            return
        for kind, times_a_week in TEMPERS[person.temper].items():
            if self.dice.random() < times_a_week / A_WEEK:
                yield from self._contribution(person, kind, days_ago)
        if person.temper in TRIES_EARLY and days_ago % 30 == 10:
            yield self._deed(person, "beta-test", self._hour(person, days_ago))

    def _contribution(self, person: Character, kind: str, days_ago: int) -> Iterator[Deed]:
        if (kind == "answer" and not self.posts) or (kind == "review" and not self.stories):
            return
        at, parent = self._hour(person, days_ago), ""
        if kind == "answer":
            parent = self.dice.choice(self.posts[-12:])
        opened = f"demo-{kind}:{self.number + 1}"
        subject = self.dice.choice(self.stories[-6:]) if kind == "review" else opened
        yield self._deed(person, kind, at, subject=subject, parent=parent)
        if kind == "post":
            self.posts.append(subject)
        if kind == "story":
            self.stories.append(subject)
        if kind == "feedback" and self.dice.random() < 0.2:
            yield self._deed(person, "feedback-adopted", at + timedelta(days=21), subject=subject)
        yield from self._thanks(person, subject, at, self.dice.randint(0, THANKS_FOR.get(kind, 0)))

    def _thanks(
        self, person: Character, subject: str, since: datetime, times: int
    ) -> Iterator[Deed]:
        there = [other for other in self.people if other.joined > (self.now - since).days]
        others = [other for other in there if other.uid != person.uid]
        for other in self.dice.sample(others, min(times, len(others))):
            at = since + timedelta(minutes=self.dice.randint(3, 2 * 24 * 60))
            yield self._deed(person, "thanks", at, subject=subject, other=other.uid)

    def _meeting(self, present: Sequence[Character], days_ago: int) -> Iterator[Deed]:
        """Every second Saturday somebody invites."""
        day = (self.now - timedelta(days=days_ago)).date()
        hosts = [person for person in present if person.temper == "host"]
        if day.weekday() != SATURDAY or day.isocalendar().week % 2 or not hosts:
            return
        host, meeting = self.dice.choice(hosts), f"demo-event:{day}"
        at = datetime.combine(day, time(15), ZoneInfo(host.zone)).astimezone(UTC)
        yield self._deed(host, "event-hosted", at, subject=meeting)
        for person in present:
            if person != host and self.dice.random() < GOES_OUT.get(person.temper, 0.1):
                yield self._deed(person, "event-attended", at, subject=meeting)

    def _newcomers(self, present: Sequence[Character], days_ago: int) -> Iterator[Deed]:
        """Who is new says something about themselves, and is welcomed."""
        for person in present:
            if person.joined == days_ago + 1:
                if self.dice.random() < 0.7:
                    yield self._deed(person, "profile", self._hour(person, days_ago))
                hosts = [other for other in present if other.temper in WELCOMES]
                for other in self.dice.sample(hosts, min(2, len(hosts))):
                    if other != person:
                        at = self._hour(other, days_ago)
                        yield self._deed(other, "welcome", at, other=person.uid)

    def _deed(
        self,
        person: Character,
        kind: str,
        at: datetime,
        *,
        subject: str = "",
        parent: str = "",
        other: str = "",
    ) -> Deed:
        self.number += 1
        key = f"{self.number:05}"
        return Deed(person.uid, kind, at, key, subject, parent, other)

    def _hour(self, person: Character, days_ago: int) -> datetime:
        """Some time of their day, when people are awake."""
        zone = ZoneInfo(person.zone)
        day = (self.now - timedelta(days=days_ago)).astimezone(zone).date()
        minutes = self.dice.randint(8 * 60, 22 * 60)
        return (datetime.combine(day, time(), zone) + timedelta(minutes=minutes)).astimezone(UTC)
