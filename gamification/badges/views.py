"""Badges as their holder sees them."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from gamification.rules.progress import Need
from gamification.standings.views import ActivityView, Slug

Name = Annotated[str, Meta(max_length=500, examples=["Première réponse"])]
Subject = Annotated[
    str,
    Meta(
        max_length=200,
        description="What it was earned with, for a badge that can be earned more than once.",
        examples=["post:42"],
    ),
]


class SeasonName(msgspec.Struct, frozen=True, kw_only=True):
    """The season in which it was earned, for a badge that can be earned again in each."""

    slug: Annotated[str, Meta(max_length=80, examples=["autumn-2026"])]
    name: Annotated[str, Meta(max_length=500, examples=["Automne 2026"])]


Told = Annotated[
    str,
    Meta(
        max_length=500,
        description="What the team says about it, where it did this by hand.",
        examples=["Merci pour votre aide à la fête du 12."],
    ),
]


class HeldView(msgspec.Struct, frozen=True, kw_only=True):
    """A badge that you hold."""

    slug: Slug
    name: Name
    description: Annotated[str, Meta(max_length=500, examples=["You answered a first question."])]
    thanks: Annotated[str, Meta(max_length=500, examples=["Thank you for your time."])] | None
    image_url: Annotated[str, Meta(max_length=300, examples=["/static/badges/answer.svg"])] | None
    family: Annotated[str, Meta(max_length=80, examples=["answers"])] | None
    level: int | None
    subject: Subject
    season: SeasonName | None
    awarded_at: datetime
    reason: Told | None


class AwardView(msgspec.Struct, frozen=True, kw_only=True):
    """One award: when, under which version of the rule, and the activities that earned it."""

    subject: Subject
    season: SeasonName | None
    awarded_at: datetime
    version: int
    reason: Told | None
    activities: list[ActivityView]


class TakenBackView(msgspec.Struct, frozen=True, kw_only=True):
    """An award that was taken back.

    What earned it didn't happen or no longer holds; or the team took it back, for a reason.
    """

    subject: Subject
    season: SeasonName | None
    taken_back_at: datetime
    reason: Told | None


class WhyView(msgspec.Struct, frozen=True, kw_only=True):
    """Why you have a badge, or exactly what is missing."""

    slug: Slug
    name: Name
    description: Annotated[str, Meta(max_length=500, examples=["You answered a first question."])]
    held: bool
    version: Annotated[int, Meta(description="The version of the rule that is in force.")]
    asks_for: Need
    missing: list[Need]
    awards: Annotated[
        list[AwardView], Meta(description="The awards, the newest first, 100 at most.")
    ]
    taken_back: list[TakenBackView]
