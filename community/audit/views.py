"""What is said about acts."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from community.audit.service import Entry


class AuditEntryView(msgspec.Struct, frozen=True, kw_only=True):
    """An act of staff, of a system, or of who runs the server."""

    id: Annotated[str, Meta(examples=["4711"])]
    happened_at: datetime
    actor: Annotated[
        str,
        Meta(
            description="Who: `member:…`, `system:…` (a key), or `operator:…` (an account of the "
            "server that ran a command).",
            examples=["member:0d5a0b1c-9f0e-4a36-8e0f-64a0f2f3a9c4"],
        ),
    ]
    actor_name: Annotated[
        str | None,
        Meta(
            description="What the member is called now. Null for who left, and for who is none.",
            examples=["Camille Durand"],
        ),
    ]
    role: Annotated[str, Meta(description="The role the actor had then.", examples=["admin"])]
    action: Annotated[str, Meta(description="What was done.", examples=["members.role_changed"])]
    subject: Annotated[
        str,
        Meta(description="To what.", examples=["member:6f1c1a52-7d0a-4be5-9d8e-2b1f6f1b7c11"]),
    ]
    reason: Annotated[
        dict[str, str] | None,
        Meta(
            description="What was said about why, by language, as long as it is kept.",
            examples=[{"en": "For the help at the meeting."}],
        ),
    ]
    details: Annotated[
        dict[str, Any],
        Meta(
            description="Ids and what changed; each act has its own.",
            examples=[{"before": "ambassador", "after": "moderator"}],
        ),
    ]
    request_id: Annotated[
        str,
        Meta(
            description="The request it was done in, as the log knows it. Empty for commands.",
            examples=["5f1c9a7e0b6d4c2f8a3e71d0"],
        ),
    ]

    @classmethod
    def of(cls, entry: Entry) -> "AuditEntryView":
        return cls(**msgspec.structs.asdict(entry) | {"id": str(entry.id)})
