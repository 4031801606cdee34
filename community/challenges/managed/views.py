"""What managers read and say about challenges."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from community.challenges.views import ProgressView
from gamification.catalogue.definitions import Words
from gamification.challenges.challenge import Challenge
from gamification.challenges.definition import ChallengeDefinition
from gamification.challenges.managing import definition_of
from gamification.challenges.preview import Foreseen
from gamification.challenges.reading import Said, Seen
from ground.languages import Language

ManagedStage = Literal["draft", "scheduled", "running", "paused", "reached", "ended", "cancelled"]


class WordGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word to who takes part, or none."""

    word: Words | None = None


class WordNeeded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word to who takes part: they read why."""

    word: Words


class Extension(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A later end, with a word to who takes part."""

    ends_at: Annotated[
        datetime, Meta(description="Without an offset, in the programme's time zone.")
    ]
    word: Words | None = None


class ManagedSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What was said to who takes part."""

    about: Literal["extended", "paused", "resumed", "cancelled"]
    word: Words
    said_at: datetime

    @classmethod
    def of(cls, said: Said) -> "ManagedSaid":
        return cls(about=said.about, word=said.words, said_at=said.said_at)


class ManagedChallengeView(msgspec.Struct, frozen=True, kw_only=True):
    """A challenge as managers see it."""

    id: UUID
    state: ManagedStage
    definition: ChallengeDefinition
    published_at: datetime | None
    reached_at: datetime | None
    over_at: Annotated[datetime | None, Meta(description="From when on nothing counts.")]
    closed_at: Annotated[
        datetime | None, Meta(description="From when on nothing that comes late changes it.")
    ]
    progress: Annotated[
        ProgressView | None, Meta(description="Of everybody; null where each team has its own.")
    ]
    said: list[ManagedSaid]
    etag: Annotated[
        str, Meta(max_length=40, description="What a change has to name.", examples=['"4"'])
    ]

    @classmethod
    def of(cls, seen: Seen, now: datetime) -> "ManagedChallengeView":
        challenge = seen.challenge
        return cls(
            id=challenge.id,
            state=msgspec.convert(challenge.stage(now).value, ManagedStage),
            definition=definition_of(challenge),
            published_at=challenge.published_at,
            reached_at=challenge.reached_at,
            over_at=challenge.over_at,
            closed_at=challenge.closed_at,
            progress=ProgressView.of(challenge, seen.reached),
            said=[ManagedSaid.of(each) for each in seen.said],
            etag=etag_of(challenge),
        )


class ForeseenView(msgspec.Struct, frozen=True, kw_only=True):
    """What would have come of a challenge in the days before, as long as it is to last."""

    says: Annotated[
        str,
        Meta(
            max_length=300,
            examples=["Avec l’activité récente, il serait atteint le 12e jour."],
        ),
    ]
    from_day: date
    days: int
    done: int
    percent: int
    helpers: int
    reached_on_day: Annotated[
        int | None, Meta(description="Counted from 1; null: it would be missed.")
    ]
    by_few_percent: Annotated[
        int, Meta(description="How much of it the most helpful tenth would give.")
    ]
    by_day: Annotated[list[int], Meta(description="What counts of each day.")]

    @classmethod
    def of(cls, foreseen: Foreseen, language: Language) -> "ForeseenView":
        return cls(
            says=in_a_sentence(foreseen, language),
            from_day=foreseen.from_day,
            days=foreseen.days,
            done=foreseen.done,
            percent=foreseen.percent,
            helpers=foreseen.helpers,
            reached_on_day=foreseen.reached_on_day,
            by_few_percent=foreseen.by_few_percent,
            by_day=list(foreseen.by_day),
        )


def etag_of(challenge: Challenge) -> str:
    """Another one after each change."""
    return f'"{challenge.revision}"'


def in_a_sentence(foreseen: Foreseen, language: Language) -> str:
    """The preview for somebody in a hurry."""
    day, percent, days = foreseen.reached_on_day, foreseen.percent, foreseen.days
    if language is Language.ENGLISH:
        if day is None:
            span = "day" if days == 1 else f"{days} days"
            return f"With the activity of the last {span} it would come to {percent}%."
        return f"With recent activity it would be reached on day {day}."
    if day is None:
        span = "du dernier jour" if days == 1 else f"des {days} derniers jours"
        return f"Avec l’activité {span}, il arriverait à {percent} %."
    which = "1er" if day == 1 else f"{day}e"
    return f"Avec l’activité récente, il serait atteint le {which} jour."
