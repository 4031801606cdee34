"""What is said of journeys over HTTP."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from ground.languages import Language
from notifications.journeys.keeping import Kept
from notifications.journeys.plan import Body, Plan, Title
from notifications.journeys.service import Inside

Slug = Annotated[
    str, Meta(max_length=60, description="What a journey is called here.", examples=["welcome"])
]


class JourneyView(msgspec.Struct, frozen=True, kw_only=True):
    """A journey as managers see it."""

    slug: Slug
    version: Annotated[int, Meta(description="Of its plan. Who is inside stays with theirs.")]
    is_on: bool
    changed_at: Annotated[
        datetime | None, Meta(description="Null for a shipped one that nobody touched.")
    ]
    plan: Plan
    etag: Annotated[
        str,
        Meta(
            max_length=100,
            description="What a change has to name in `If-Match`.",
            examples=['"welcome-1-on"'],
        ),
    ]

    @classmethod
    def of(cls, kept: Kept) -> "JourneyView":
        return cls(
            slug=kept.slug,
            version=kept.version,
            is_on=kept.enabled,
            changed_at=kept.changed_at,
            plan=kept.plan,
            etag=kept.etag,
        )


class JourneysView(msgspec.Struct, frozen=True, kw_only=True):
    """All journeys, by slug."""

    items: list[JourneyView]


class InsideView(msgspec.Struct, frozen=True, kw_only=True):
    """A journey that you are in."""

    slug: Slug
    name: Annotated[str, Meta(max_length=120, examples=["Welcome"])]
    purpose: Annotated[
        str,
        Meta(max_length=500, description="What it is for.", examples=["The first days here."]),
    ]
    began_at: datetime

    @classmethod
    def of(cls, inside: Inside, language: Language) -> "InsideView":
        plan = inside.journey.plan
        return cls(
            slug=inside.journey.slug,
            name=_in(plan.name, language),
            purpose=_in(plan.purpose, language),
            began_at=inside.began_at,
        )


class InsidesView(msgspec.Struct, frozen=True, kw_only=True):
    """The journeys that you are in."""

    items: list[InsideView]


def _in(text: Title | Body, language: Language) -> str:
    return text.en if language is Language.ENGLISH else text.fr
