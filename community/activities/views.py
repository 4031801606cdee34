"""What systems say and are answered over HTTP."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from community.activities.references import moment_in, reference_in
from community.activities.service import Told
from gamification.ledger.activity import Credited, Status

MOST = 1000
A_LOT = 1_000_000
SAFE_INTEGER = 2**53 - 1

BadgeSlug = Annotated[str, Meta(max_length=80, examples=["first-review"])]
FieldName = Annotated[str, Meta(min_length=1, max_length=40)]
FieldText = Annotated[str, Meta(max_length=200)]
FieldNumber = Annotated[int, Meta(ge=-SAFE_INTEGER, le=SAFE_INTEGER)]


class ActivityTold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a member did."""

    key: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=200,
            description="Your own id of it. The same key is credited once, whatever is sent.",
            examples=["order-815"],
        ),
    ]
    member: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=300,
            description="A member's id, or `external:{source}:{id}`.",
            examples=["external:crm:4711"],
        ),
    ]
    kind: Annotated[
        str,
        Meta(
            min_length=1, max_length=80, description="A kind of the catalogue.", examples=["review"]
        ),
    ]
    occurred_at: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=40,
            description="The moment (RFC 3339, with its zone), or the day if only that is known.",
            examples=["2026-11-21T10:00:00Z"],
        ),
    ]
    subject: Annotated[
        str, Meta(max_length=200, description="What it was about.", examples=["product:12"])
    ] = ""
    quantity: Annotated[
        int, Meta(ge=-A_LOT, le=A_LOT, description="How many, or how much of it.")
    ] = 1
    fields: Annotated[
        dict[FieldName, FieldText | FieldNumber | bool],
        Meta(
            max_length=20,
            description="Facts that criteria look at. Nothing that tells who somebody is.",
            examples=[{"stars": 5}],
        ),
    ] = {}

    def told(self) -> Told:
        return Told(
            key=self.key,
            member=reference_in(self.member),
            kind=self.kind,
            occurred_at=moment_in(self.occurred_at),
            subject=self.subject,
            quantity=self.quantity,
            fields=self.fields,
        )


class ActivitiesTold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened, in any order."""

    activities: Annotated[list[ActivityTold], Meta(min_length=1, max_length=MOST)]


class ResultView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one activity."""

    key: Annotated[str, Meta(max_length=200, examples=["order-815"])]
    status: Status
    id: Annotated[
        str | None,
        Meta(description="The entry in the ledger, for its reversal.", examples=["4711"]),
    ] = None
    code: Annotated[
        str | None,
        Meta(description="Why it was rejected.", examples=["unknown_kind"]),
    ] = None
    points: Annotated[int, Meta(description="What it added to the member's points.")] = 0
    reason: Annotated[
        str | None,
        Meta(description="Why it is worth less than usual.", examples=["daily_cap"]),
    ] = None
    awards: Annotated[tuple[BadgeSlug, ...], Meta(description="The badges that it completed.")] = ()

    @classmethod
    def of(cls, key: str, credited: Credited) -> "ResultView":
        return cls(
            key=key,
            status=credited.status,
            id=None if credited.entry_id is None else str(credited.entry_id),
            code=credited.code,
            points=credited.points,
            reason=credited.reason,
            awards=credited.awards,
        )


class ResultsView(msgspec.Struct, frozen=True, kw_only=True):
    """One result for each activity, in the order in which they were sent."""

    results: list[ResultView]


Reason = Annotated[
    str,
    Meta(
        pattern="^[a-z][a-z0-9_]{0,39}$",
        max_length=40,
        description="Why, in one word: members see it beside the line. No names, no text.",
        examples=["refund"],
    ),
]
WITHDRAWN = "withdrawn_by_source"


class Reversal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an activity never happened."""

    reason: Reason = WITHDRAWN


class ReversedView(msgspec.Struct, frozen=True, kw_only=True):
    """An activity that never happened."""

    id: Annotated[str, Meta(description="The entry in the ledger.", examples=["4711"])]
    status: Literal["reversed"] = "reversed"


class ReversalsTold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys whose activities never happened."""

    keys: Annotated[
        list[
            Annotated[
                str,
                Meta(
                    min_length=1, max_length=200, description="Your own id.", examples=["order-815"]
                ),
            ]
        ],
        Meta(min_length=1, max_length=MOST),
    ]
    reason: Reason = WITHDRAWN


class ReversalResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one key."""

    key: Annotated[str, Meta(max_length=200, examples=["order-815"])]
    status: Annotated[
        Literal["reversed", "duplicate", "rejected"],
        Meta(description="`duplicate`: it was reversed before."),
    ]
    code: Annotated[Literal["unknown_key"] | None, Meta(description="Why it was rejected.")] = None

    @classmethod
    def of(cls, key: str, stood: bool | None) -> "ReversalResult":
        if stood is None:
            return cls(key=key, status="rejected", code="unknown_key")
        return cls(key=key, status="reversed" if stood else "duplicate")


class ReversalsView(msgspec.Struct, frozen=True, kw_only=True):
    """One result for each key, in the order in which they were sent."""

    results: list[ReversalResult]
