"""What a journey is: when it begins, its steps, waits and conditions, and how it ends. Pure."""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from notifications.wording.category import ByLanguage

# What is pushed of members. `badge:x` and `tier:x` are those of one badge or tier.
JOINED, ACTIVITY, SEEN, BADGE, TIER = "joined", "activity", "seen", "badge", "tier"
KNOWN_FACTS: Final = frozenset({JOINED, ACTIVITY, SEEN, BADGE, TIER})
# By these a member was there. Silence is counted from the last of them.
PRESENCE: Final = (JOINED, ACTIVITY, SEEN)

FactName = Annotated[
    str,
    Meta(
        pattern="^[a-z]+(:.+)?$",
        max_length=200,
        description="`joined`, `activity`, `seen` (in the app), `badge` or `tier` (any of them),"
        " or `badge:` and `tier:` with the slug of one.",
        examples=["badge:first-steps"],
    ),
]
Days = Annotated[int, Meta(ge=1, le=3650)]


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a plan as managers write it."""


class Title(Shape, frozen=True):
    """A line in each shipped language."""

    fr: Annotated[str, Meta(min_length=1, max_length=120, examples=["Bienvenue"])]
    en: Annotated[str, Meta(min_length=1, max_length=120, examples=["Welcome"])]


class Body(Shape, frozen=True):
    """Some lines in each shipped language."""

    fr: Annotated[str, Meta(min_length=1, max_length=500, examples=["Voici comment commencer."])]
    en: Annotated[str, Meta(min_length=1, max_length=500, examples=["Here is how to begin."])]


class Happened(Shape, frozen=True, tag_field="term", tag="happened"):
    """It happened to the member, or holds for them; within so many days, if given."""

    fact: FactName
    within_days: Days | None = None


class LongAgo(Shape, frozen=True, tag_field="term", tag="long_ago"):
    """The last time that it happened is so many days ago."""

    fact: FactName
    days: Days


class Not(Shape, frozen=True, tag_field="term", tag="not"):
    """The contrary."""

    of: "Condition"


class AllOf(Shape, frozen=True, tag_field="term", tag="all"):
    """Each of them."""

    of: Annotated[tuple["Condition", ...], Meta(min_length=1, max_length=10)]


class AnyOf(Shape, frozen=True, tag_field="term", tag="any"):
    """One of them at least."""

    of: Annotated[tuple["Condition", ...], Meta(min_length=1, max_length=10)]


Condition: TypeAlias = Happened | LongAgo | Not | AllOf | AnyOf


class Says(StrEnum):
    """Whether a message asks something of the member, and so draws on their attention."""

    NEWS = "news"
    ASK = "ask"


class Send(Shape, frozen=True, tag_field="do", tag="send"):
    """Say something, if the condition holds; else go on. `{name}` is what the journey is about."""

    says: Says
    title: Title
    body: Body
    to: Annotated[
        str,
        Meta(
            pattern="^/",
            max_length=200,
            description="Where it leads, as a path of the app.",
            examples=["/me/standing"],
        ),
    ] = "/"
    only_if: Condition | None = None


class Wait(Shape, frozen=True, tag_field="do", tag="wait"):
    """Let some time pass."""

    days: Annotated[int, Meta(ge=0, le=366)] = 0
    hours: Annotated[int, Meta(ge=0, le=23)] = 0

    @property
    def time(self) -> timedelta:
        return timedelta(days=self.days, hours=self.hours)


class WaitForSilence(Shape, frozen=True, tag_field="do", tag="wait_for_silence"):
    """Wait until the member hasn't been there for so many days: neither active nor in the app."""

    days: Annotated[int, Meta(ge=14, le=730)]


class WaitForAnniversary(Shape, frozen=True, tag_field="do", tag="wait_for_anniversary"):
    """Wait for the next anniversary of the day the member joined, where they are."""


Step: TypeAlias = Send | Wait | WaitForSilence | WaitForAnniversary


class Begins(Shape, frozen=True):
    """What a journey begins with."""

    on: Annotated[tuple[FactName, ...], Meta(min_length=1, max_length=10)]
    within_hours: Annotated[
        int | None,
        Meta(description="It doesn't begin with what happened longer ago."),
    ] = None


class Plan(Shape, frozen=True):
    """A journey, written so that it can be read aloud."""

    name: Title
    purpose: Annotated[Body, Meta(description="What members read of it, to decide on leaving.")]
    begins: Begins
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=20)]
    goal: Annotated[
        Condition | None, Meta(description="When this holds the journey has reached its end.")
    ] = None
    lasts_days: Annotated[
        Days | None, Meta(description="What hasn't been said within so many days isn't said.")
    ] = None
    again_after_days: Annotated[
        int | None,
        Meta(
            description="It may begin again with a new occasion so many days after it began; null"
            " means once and never again."
        ),
    ] = None
    repeats: Annotated[
        bool, Meta(description="At its end it begins anew at once: for what comes each year.")
    ] = False

    @property
    def time(self) -> timedelta | None:
        """How long it lasts at most."""
        return None if self.lasts_days is None else timedelta(days=self.lasts_days)

    def sends(self) -> Iterator[tuple[int, Send]]:
        """What it says, with the places."""
        for place, step in enumerate(self.steps):
            if isinstance(step, Send):
                yield place, step


def by_language(text: Title | Body) -> ByLanguage:
    """The same text, as messages have it."""
    return ByLanguage(fr=text.fr, en=text.en)
