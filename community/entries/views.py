"""Activities in the ledger as staff reads them, and what staff says about them."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from community.by_hand.names import Names, PersonView
from gamification.by_hand.reason import Reason
from gamification.holds.line import Stands
from gamification.holds.lines import LedgerLine


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, in the words that the member reads."""

    reason: Reason


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """An activity of a member."""

    id: Annotated[str, Meta(max_length=20, examples=["4711"])]
    member: PersonView
    kind: Annotated[str, Meta(max_length=80, examples=["review"])]
    source: Annotated[
        str,
        Meta(
            max_length=80,
            description="Which system told it; `ambassade:staff` is by hand.",
            examples=["crm"],
        ),
    ]
    key: Annotated[str, Meta(max_length=200, examples=["order-815"])]
    subject: Annotated[str, Meta(max_length=200, examples=["post:42"])]
    quantity: int
    occurred_at: datetime
    day_only: bool
    points: Annotated[int, Meta(description="What it brings now, all told.")]
    reason: Annotated[str, Meta(max_length=200, examples=["daily_cap"])] | None
    reverses: Annotated[str, Meta(max_length=20, examples=["4711"])] | None
    recorded_at: datetime
    stands: Stands
    told: Annotated[Reason | None, Meta(description="What the member reads about it.")]
    held_by: Annotated[PersonView | None, Meta(description="Who held it, or took it back.")]
    held_at: datetime | None
    decided_by: PersonView | None
    decided_at: datetime | None

    @classmethod
    def of(cls, line: LedgerLine, names: Names) -> "LineView":
        return cls(
            id=str(line.id),
            member=names[line.member_id],
            kind=line.kind,
            source=line.source,
            key=line.key,
            subject=line.subject,
            quantity=line.quantity,
            occurred_at=line.occurred_at,
            day_only=line.day_only,
            points=line.points,
            reason=line.reason,
            reverses=None if line.reverses is None else str(line.reverses),
            recorded_at=line.recorded_at,
            stands=line.stands,
            told=line.told,
            held_by=names[line.held_by] if line.held_by else None,
            held_at=line.held_at,
            decided_by=names[line.decided_by] if line.decided_by else None,
            decided_at=line.decided_at,
        )
