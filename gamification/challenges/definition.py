"""A challenge as managers write it."""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from gamification.catalogue.definitions import Words
from gamification.rules.criteria import Measured, Slug, Threshold

MOST_MILESTONES: Final = 20
MILESTONES: Final = (25, 50, 75, 100)

Percent = Annotated[int, Meta(ge=1, le=100)]


class ChallengeDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A goal that a team reaches together.

    `counts` is a term of the criteria algebra: its `at_least` is the goal. The daily cap is in
    the same unit, for each member and each of their days. A moment without an offset is the
    programme's. Nothing that it unlocks is of money's worth: a badge for everyone who helped.
    """

    title: Words
    description: Words
    # What those who helped are told when the goal is reached.
    thanks: Words | None = None
    team: Literal["community", "squad", "personal"] = "community"
    counts: Measured
    stretch_goal: Threshold | None = None
    milestones: Annotated[tuple[Percent, ...], Meta(max_length=MOST_MILESTONES)] = MILESTONES
    starts_at: datetime
    ends_at: datetime
    daily_cap: Threshold | None = None
    counts_since_start: bool = True
    shows_ranking: bool = False
    badge: Slug | None = None
    season: Slug | None = None
    segment: Slug | None = None

    @property
    def goal(self) -> int:
        return self.counts.at_least
