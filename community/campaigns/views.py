"""What managers read about campaigns over HTTP."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from ground.languages import Language
from notifications.attention.plan import Why
from notifications.campaigns.definition import Campaign
from notifications.campaigns.foreseeing import Foreseen
from notifications.campaigns.keeping import Kept
from notifications.campaigns.phones import ShownView
from notifications.campaigns.results import Results
from notifications.outbox.reasons import REASONS
from notifications.wording.rendering import translated

Stage = Literal["draft", "proposed", "scheduled", "sending", "sent", "stopped"]
Says = Annotated[str, Meta(max_length=300, examples=["These were your quiet hours or days."])]


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When it goes out."""

    at: Annotated[
        Annotated[datetime, Meta(tz=True)] | None,
        Meta(description="With an offset; null: now."),
    ] = None


class CampaignView(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign, and how far it has come."""

    id: UUID
    state: Annotated[
        Stage,
        Meta(description="`proposed` waits for another manager; `sent` is in all outboxes."),
    ]
    definition: Campaign
    created_at: datetime
    created_by: UUID | None
    wanted_by: Annotated[UUID | None, Meta(description="Who wants to send it.")]
    approved_by: Annotated[UUID | None, Meta(description="Who gave the second word, if needed.")]
    starts_at: datetime | None
    began_at: datetime | None
    ended_at: datetime | None
    members: Annotated[int, Meta(description="How many it is for, as counted last.")]
    gone_through: Annotated[int, Meta(description="How many of them were looked at so far.")]
    told: Annotated[int, Meta(description="How many of them were written to: who had left wasn't.")]
    next_at: Annotated[datetime | None, Meta(description="When more are written to.")]
    etag: Annotated[
        str, Meta(max_length=40, description="What a change has to name.", examples=['"4"'])
    ]

    @classmethod
    def of(cls, kept: Kept) -> "CampaignView":
        return cls(
            id=kept.id,
            state=kept.state.value,
            definition=kept.definition,
            created_at=kept.created_at,
            created_by=kept.created_by,
            wanted_by=kept.wanted_by,
            approved_by=kept.approved_by,
            starts_at=kept.starts_at,
            began_at=kept.began_at,
            ended_at=kept.ended_at,
            members=kept.size,
            gone_through=kept.seen,
            told=kept.told,
            next_at=kept.next_at,
            etag=kept.etag,
        )


class ReasonView(msgspec.Struct, frozen=True, kw_only=True):
    """Why some don't get it on a phone, or not at once."""

    why: Why
    members: int
    says: Says


class AudienceView(msgspec.Struct, frozen=True, kw_only=True):
    """Who would get it now, and who wouldn't, or only later."""

    members: Annotated[int, Meta(description="How many it is for.")]
    on_a_phone: Annotated[int, Meta(description="How many would have it on a phone at once.")]
    in_the_inbox: Annotated[int, Meta(description="How many would have it in the inbox at once.")]
    reasons: Annotated[
        list[ReasonView], Meta(description="All others, each by the first reason that holds.")
    ]
    needs_a_second_word: Annotated[
        bool, Meta(description="Whether it is for more than one manager writes to alone.")
    ]

    @classmethod
    def of(cls, foreseen: Foreseen, most: int, language: Language) -> "AudienceView":
        return cls(
            members=foreseen.members,
            on_a_phone=foreseen.on_a_phone,
            in_the_inbox=foreseen.in_the_inbox,
            reasons=_reasons(foreseen.reasons, language),
            needs_a_second_word=foreseen.members > most,
        )


class PhonesView(msgspec.Struct, frozen=True, kw_only=True):
    """What each platform would show, in both languages."""

    phones: list[ShownView]


class ResultsView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. Pushes are known for 30 days."""

    told: Annotated[int, Meta(description="Members to whom it was written.")]
    waiting: Annotated[int, Meta(description="Members for whom it waits for its moment.")]
    sent: Annotated[int, Meta(description="Pushes that left, one for each device.")]
    accepted: Annotated[int, Meta(description="Pushes that Firebase took.")]
    failed: Annotated[int, Meta(description="Pushes that came to nothing.")]
    opened: Annotated[int, Meta(description="Members who opened it from a push.")]
    declined: Annotated[int, Meta(description="Members who said no to it.")]
    muted_afterwards: Annotated[
        int, Meta(description="Members who have switched such pushes off since.")
    ]
    not_pushed: Annotated[list[ReasonView], Meta(description="Members who had no push, and why.")]

    @classmethod
    def of(cls, found: Results, language: Language) -> "ResultsView":
        reasons = {Why(why): number for why, number in found.not_pushed.items()}
        fields = msgspec.structs.asdict(found) | {"not_pushed": _reasons(reasons, language)}
        return cls(**fields)


def _reasons(reasons: dict[Why, int], language: Language) -> list[ReasonView]:
    ordered = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    return [
        ReasonView(why=why, members=number, says=translated(REASONS[why], language))
        for why, number in ordered
    ]
