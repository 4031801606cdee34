"""What is said about segments to managers, and by them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from community.roster.views import ListedView
from gamification.segments.criteria import SegmentCriteria
from gamification.segments.service import Counted


class SegmentPreviewWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Criteria to be tried out."""

    of: SegmentCriteria
    sample: Annotated[int, Meta(ge=0, le=50, description="How many members to name.")] = 10


class InWords(msgspec.Struct, frozen=True, kw_only=True):
    """Whom criteria are of, as a part of a sentence."""

    fr: Annotated[
        str,
        Meta(max_length=20_000, examples=["clients et actifs au cours des 30\u00a0derniers jours"]),
    ]
    en: Annotated[
        str, Meta(max_length=20_000, examples=["customers and active in the last 30 days"])
    ]


class ByPopulation(msgspec.Struct, frozen=True, kw_only=True):
    """How many members of each population."""

    customer: int
    employee: int
    partner: int


class SegmentPreviewView(msgspec.Struct, frozen=True, kw_only=True):
    """Whom criteria are of at the moment."""

    says: InWords
    members: Annotated[int, Meta(description="How many fit.")]
    appear: Annotated[
        int, Meta(description="How many of them chose to appear, and would be seen on a board.")
    ]
    by_population: ByPopulation
    sample: Annotated[list[ListedView], Meta(description="Some of them, who joined last first.")]

    @classmethod
    def of(cls, counted: Counted, says: InWords, sample: list[ListedView]) -> "SegmentPreviewView":
        return cls(
            says=says,
            members=counted.members,
            appear=counted.appear,
            by_population=ByPopulation(
                **{each.value: number for each, number in counted.by_population.items()}
            ),
            sample=sample,
        )
