"""The charter as it is read, and the proof as it is shown."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from community.charter.service import Accepted, Charter
from community.charter.tables import Channel
from ground.languages import Language

LONGEST_TEXT = 100_000


class CharterView(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the charter, in one language."""

    version: Annotated[int, Meta(description="What joining and accepting name.")]
    language: Language
    text: Annotated[
        str,
        Meta(
            max_length=LONGEST_TEXT,
            description="Markdown.",
            examples=["# Charte de la communauté\n\nVous participez parce que vous le voulez."],
        ),
    ]
    published_at: datetime
    minimum_age: Annotated[int, Meta(description="From how many years on one may join.")]
    age_question: Annotated[
        str,
        Meta(
            max_length=200,
            description="The question that `old_enough` answers when joining.",
            examples=["Avez-vous 15 ans ou plus ?"],
        ),
    ]

    @classmethod
    def of(cls, charter: Charter, language: Language, *, age: int, question: str) -> "CharterView":
        return cls(
            version=charter.version,
            language=language,
            text=charter.texts[language],
            published_at=charter.published_at,
            minimum_age=age,
            age_question=question,
        )


class Accepting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A yes to a version of the charter."""

    version: Annotated[
        int, Meta(ge=1, le=2**31 - 1, description="The version that you read and accept.")
    ]


class AcceptanceView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the proof that you take part of your own will."""

    version: int
    accepted_at: datetime
    channel: Annotated[Channel, Meta(description="Where you accepted.")]
    language: Annotated[Language, Meta(description="The language in which you read it.")]

    @classmethod
    def of(cls, accepted: Accepted) -> "AcceptanceView":
        return cls(
            version=accepted.version,
            accepted_at=accepted.accepted_at,
            channel=accepted.channel,
            language=accepted.locale,
        )
