"""Seasons as they are read, in one language."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gamification.catalogue.on_boards import SeasonInForce
from ground.languages import Language

Slug = Annotated[str, Meta(max_length=80, description="Stable.", examples=["autumn-2026"])]
Name = Annotated[str, Meta(max_length=500, examples=["Automne 2026"])]
State = Literal["ahead", "running", "over"]


class SeasonView(msgspec.Struct, frozen=True, kw_only=True):
    """A named period with points, boards and badges of its own."""

    slug: Slug
    name: Name
    description: Annotated[str, Meta(max_length=500, examples=["Trois mois pour se retrouver."])]
    starts_on: Annotated[date, Meta(description="Its first day, where the programme is at home.")]
    ends_on: Annotated[date, Meta(description="Its last day.")]
    state: Annotated[State, Meta(description="Whether it is to come, runs, or is over.")]
    is_closed: Annotated[
        bool,
        Meta(
            description="Whether its boards stay as they are. Until then what phones bring late"
            " still counts on them; badges are earned by it later as well."
        ),
    ]

    @classmethod
    def of(
        cls, season: SeasonInForce, today: date, language: Language, *, is_closed: bool
    ) -> "SeasonView":
        days = season.days
        state: State = "running" if days.has(today) else "over"
        return cls(
            slug=days.slug,
            name=season.definition.name.in_locale(language),
            description=season.definition.description.in_locale(language),
            starts_on=days.starts_on,
            ends_on=days.ends_on,
            state="ahead" if today < days.starts_on else state,
            is_closed=is_closed,
        )
