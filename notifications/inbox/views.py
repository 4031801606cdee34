"""What is said of an inbox over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta

from ground.languages import Language
from notifications.attention.plan import Why
from notifications.outbox.lines import Outcome
from notifications.outbox.reasons import REASONS
from notifications.preferences.views import CategorySlug
from notifications.wording.category import Channel, Kind
from notifications.wording.registry import CATEGORIES
from notifications.wording.rendering import Text, render, translated

NotificationId = Annotated[
    str, Meta(max_length=20, description="The id of a message.", examples=["4711"])
]
Link = Annotated[
    str,
    Meta(
        max_length=600,
        description="Where it leads, as a path of the app.",
        examples=["/me/badges/first-review"],
    ),
]


class NotificationView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that you were told. `likes` counts it and its like that came before you read it."""

    id: NotificationId
    category: CategorySlug
    kind: Kind
    title: Annotated[str, Meta(max_length=2_600, examples=["New badge: First review"])]
    body: Annotated[str, Meta(max_length=2_600, examples=["You earned the badge “First review”."])]
    link: Link
    image: Annotated[str, Meta(max_length=500, examples=["first-review.svg"])]
    likes: int
    told_at: datetime
    read_at: datetime | None
    declined_at: datetime | None

    @classmethod
    def of(
        cls, row: asyncpg.Record, language: Language, names: Mapping[UUID, str]
    ) -> "NotificationView":
        text = text_of(row, language, names)
        return cls(
            id=str(row["id"]),
            category=row["category"],
            kind=CATEGORIES[row["category"]].kind,
            title=text.title,
            body=text.body,
            link=text.link,
            image=text.image,
            likes=row["likes"],
            told_at=row["told_at"],
            read_at=row["read_at"],
            declined_at=row["declined_at"],
        )


class InboxPage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of your inbox, and how many messages you haven't read in all of it."""

    items: list[NotificationView]
    next_cursor: Annotated[str | None, Meta(examples=["WzQyXQ"])]
    unread: int


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages you haven't read."""

    unread: int


class HeldBackView(msgspec.Struct, frozen=True, kw_only=True):
    """What would have asked something of you, and why it hasn't so far."""

    id: NotificationId
    category: CategorySlug
    title: Annotated[str, Meta(max_length=2_600, examples=["A new challenge: Hundred reviews"])]
    told_at: datetime
    why: Why
    says: Annotated[
        str, Meta(max_length=300, examples=["You had been asked for enough in these days."])
    ]
    until: datetime | None

    @classmethod
    def of(
        cls, row: asyncpg.Record, language: Language, names: Mapping[UUID, str]
    ) -> "HeldBackView":
        why = Why(row["why"])
        return cls(
            id=str(row["id"]),
            category=row["category"],
            title=text_of(row, language, names).title,
            told_at=row["told_at"],
            why=why,
            says=translated(REASONS[why], language),
            until=row["until"],
        )


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One decision about a message: what became of it on a channel, and why."""

    channel: Channel
    outcome: Outcome
    why: Why
    says: Annotated[str, Meta(max_length=300, examples=["These were your quiet hours or days."])]
    until: datetime | None
    at: datetime

    @classmethod
    def of(cls, row: asyncpg.Record, language: Language) -> "StepView":
        why = Why(row["why"])
        return cls(
            channel=Channel(row["channel"]),
            outcome=Outcome(row["outcome"]),
            why=why,
            says=translated(REASONS[why], language),
            until=row["until"],
            at=row["at"],
        )


class StoryView(msgspec.Struct, frozen=True, kw_only=True):
    """Why a message came, came later, or didn't."""

    category: CategorySlug
    told_at: datetime
    shown_at: datetime | None
    steps: list[StepView]

    @classmethod
    def of(cls, rows: Sequence[asyncpg.Record], language: Language) -> "StoryView":
        return cls(
            category=rows[0]["category"],
            told_at=rows[0]["told_at"],
            shown_at=rows[0]["shown_at"],
            steps=[StepView.of(row, language) for row in rows if row["why"] is not None],
        )


class LessView(msgspec.Struct, frozen=True, kw_only=True):
    """What there will be less of. `switched_off` is null if nothing was left to switch off."""

    category: CategorySlug
    switched_off: Channel | None


def text_of(row: asyncpg.Record, language: Language, names: Mapping[UUID, str]) -> Text:
    """What a row says, to whoever reads this language."""
    who = [names[each] for each in row["actors"] if each in names]
    facts = msgspec.json.decode(row["facts"])
    return render(row["category"], facts, language, likes=row["likes"], names=who)
