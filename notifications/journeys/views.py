"""What is said of journeys over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from ground.languages import Language
from notifications.journeys.advance import Ending
from notifications.journeys.keeping import Kept
from notifications.journeys.plan import Body, Plan, Title
from notifications.journeys.results import Results
from notifications.journeys.service import Inside

Slug = Annotated[
    str, Meta(max_length=60, description="What a journey is called here.", examples=["welcome"])
]

Name = Annotated[str, Meta(max_length=120, examples=["Welcome"])]
Purpose = Annotated[
    str, Meta(max_length=500, description="What it is for.", examples=["The first days here."])
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
    name: Name
    purpose: Purpose
    began_at: datetime


class LeftView(msgspec.Struct, frozen=True, kw_only=True):
    """A journey that you left."""

    slug: Slug
    name: Name
    purpose: Purpose
    left_at: datetime


class InsidesView(msgspec.Struct, frozen=True, kw_only=True):
    """The journeys that you are in, and those that you left."""

    items: list[InsideView]
    left: Annotated[list[LeftView], Meta(description="You may come back to each.")]

    @classmethod
    def of(cls, found: Sequence[Inside], language: Language) -> "InsidesView":
        items, left = [], []
        for each in found:
            plan = each.journey.plan
            slug, name = each.journey.slug, _in(plan.name, language)
            purpose = _in(plan.purpose, language)
            if each.left_at is None:
                began_at = each.began_at
                items.append(InsideView(slug=slug, name=name, purpose=purpose, began_at=began_at))
            else:
                left.append(LeftView(slug=slug, name=name, purpose=purpose, left_at=each.left_at))
        return cls(items=items, left=left)


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """How many a step of the plan concerns."""

    do: Annotated[
        str, Meta(max_length=30, description="What the step does.", examples=["wait_for_silence"])
    ]
    waiting: Annotated[int, Meta(ge=0, description="Members who are at this step now.")]
    said: Annotated[int, Meta(ge=0, description="How often it was said, for what says something.")]


class ResultsView(msgspec.Struct, frozen=True, kw_only=True):
    """How many members went which way. Who came several times counts each time."""

    slug: Slug
    version: int
    inside: Annotated[int, Meta(ge=0, description="Are in it now, by whichever plan.")]
    reached: Annotated[int, Meta(ge=0, description="Reached its goal.")]
    finished: Annotated[int, Meta(ge=0, description="Came to the end of its steps.")]
    late: Annotated[int, Meta(ge=0, description="Were told no more, since its time was over.")]
    left: Annotated[int, Meta(ge=0, description="Left it, or don't want it from the beginning.")]
    inside_earlier: Annotated[
        int, Meta(ge=0, description="Of those inside, who began with an earlier plan.")
    ]
    steps: Annotated[list[StepView], Meta(description="By the plan as it is now, in its order.")]

    @classmethod
    def of(cls, results: Results) -> "ResultsView":
        journey, ended = results.journey, results.ended
        steps = [
            StepView(
                do=str(step.__struct_config__.tag),
                waiting=results.waiting.get(place, 0),
                said=results.said.get(place, 0),
            )
            for place, step in enumerate(journey.plan.steps)
        ]
        return cls(
            slug=journey.slug,
            version=journey.version,
            inside=results.inside,
            inside_earlier=results.inside - sum(results.waiting.values()),
            steps=steps,
            **{each.value: ended.get(each, 0) for each in Ending},
        )


def _in(text: Title | Body, language: Language) -> str:
    return text.en if language is Language.ENGLISH else text.fr
