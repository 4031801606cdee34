"""What managers say when they act by hand, and what they read of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from community.by_hand.names import Names, PersonView
from gamification.by_hand.act import WAITS, Act, Outcome, Result, Stage, Wanted
from gamification.by_hand.reason import Reason
from gamification.by_hand.tables import Does

MOST_MEMBERS = 100

Slug = Annotated[str, Meta(min_length=1, max_length=80, examples=["companion"])]
KindSlug = Annotated[str, Meta(min_length=1, max_length=80, examples=["review"])]
Members = Annotated[
    list[UUID],
    Meta(min_length=1, max_length=MOST_MEMBERS, description="Active members; not yourself."),
]
Subject = Annotated[
    str,
    Meta(
        max_length=200,
        description="With what, for a badge that is earned with a subject.",
        examples=["post:42"],
    ),
]


class _OfBadge(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="does"
):
    badge: Slug
    members: Members
    reason: Reason
    subject: Subject = ""


class Give(_OfBadge, frozen=True, tag="give"):
    """Give a badge, whatever its criteria say."""


class Take(_OfBadge, frozen=True, tag="take"):
    """Take a badge back, whatever its criteria say."""


class Leave(_OfBadge, frozen=True, tag="leave"):
    """Leave a badge that was given or taken by hand to its criteria again."""


class Credit(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="does",
    tag="credit",
):
    """Credit an activity of a kind, as if a system had told of it now."""

    kind: KindSlug
    members: Members
    reason: Reason
    subject: Annotated[
        str, Meta(max_length=200, description="What it was about.", examples=["product:12"])
    ] = ""
    quantity: Annotated[int, Meta(ge=1, le=10_000)] = 1


ActWanted = Give | Take | Leave | Credit


def wanted(given: ActWanted) -> Wanted:
    """What a manager wants, in the words of recognition."""
    members = tuple(dict.fromkeys(given.members))
    if isinstance(given, Credit):
        return Wanted(
            does=Does.CREDIT,
            slug=given.kind,
            members=members,
            reason=given.reason,
            subject=given.subject,
            quantity=given.quantity,
        )
    does = {Give: Does.GIVE, Take: Does.TAKE, Leave: Does.LEAVE}[type(given)]
    return Wanted(
        does=does, slug=given.badge, members=members, reason=given.reason, subject=given.subject
    )


class ResultView(msgspec.Struct, frozen=True, kw_only=True):
    """What it was for one member."""

    member: UUID
    outcome: Annotated[
        Outcome,
        Meta(
            description="`unchanged`: they had it, or hadn't it, before. "
            "`gone`: they left before it was done."
        ),
    ]
    points: Annotated[int, Meta(description="What it added to the member's points.")]
    awards: list[Annotated[str, Meta(max_length=80, examples=["first-review"])]]

    @classmethod
    def of(cls, result: Result) -> "ResultView":
        return cls(
            member=result.member_id,
            outcome=result.outcome,
            points=result.points,
            awards=list(result.awards),
        )


class ActView(msgspec.Struct, frozen=True, kw_only=True):
    """An act by hand, done or proposed."""

    id: Annotated[str, Meta(max_length=20, examples=["17"])]
    does: Does
    slug: Annotated[
        str,
        Meta(
            max_length=80,
            description="The badge; of an act that credits, the kind.",
            examples=["companion"],
        ),
    ]
    subject: Annotated[str, Meta(max_length=200, examples=["post:42"])]
    quantity: int
    members: list[PersonView]
    reason: Annotated[
        Reason | None, Meta(description="What members read. Forgotten when who it is about leaves.")
    ]
    stage: Annotated[
        Stage,
        Meta(
            description="`proposed`: it waits for another manager, and expires after a week. "
            "`withdrawn`: who proposed it took it back."
        ),
    ]
    wanted_by: PersonView
    wanted_at: datetime
    decided_by: Annotated[PersonView | None, Meta(description="The second manager, if any.")]
    decided_at: datetime | None
    expires_at: datetime | None
    results: Annotated[
        list[ResultView], Meta(description="What it was for each, in the answer that did it.")
    ]

    @classmethod
    def of(cls, act: Act, names: Names, now: datetime, results: Sequence[Result] = ()) -> "ActView":
        stage = act.stage(now)
        return cls(
            id=str(act.id),
            does=act.does,
            slug=act.slug,
            subject=act.subject,
            quantity=act.quantity,
            members=[names[each] for each in act.members],
            reason=act.reason,
            stage=stage,
            wanted_by=names[act.done_by],
            wanted_at=act.at,
            decided_by=names[act.decided_by] if act.decided_by else None,
            decided_at=act.decided_at,
            expires_at=act.at + WAITS if stage is Stage.PROPOSED else None,
            results=[ResultView.of(each) for each in results],
        )
