"""What is said about publishable keys over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from community.publishable.key import MOST_OPENED, SETS, PublishableKey

Name = Annotated[
    str,
    Meta(min_length=1, max_length=60, description="What people call it.", examples=["The shop"]),
]
BoardSlug = Annotated[str, Meta(min_length=1, max_length=80, examples=["month"])]
ChallengeId = Annotated[
    str,
    Meta(min_length=1, max_length=80, examples=["8f0e1c5a-0c8e-4a53-9a0b-1f4f3c1d2e77"]),
]
Origin = Annotated[
    str,
    Meta(min_length=8, max_length=200, examples=["https://www.example.com"]),
]
Boards = Annotated[
    list[BoardSlug], Meta(max_length=MOST_OPENED, description="The boards that it opens.")
]
Challenges = Annotated[
    list[ChallengeId], Meta(max_length=MOST_OPENED, description="The challenges that it opens.")
]
Origins = Annotated[
    list[Origin],
    Meta(
        max_length=MOST_OPENED,
        description="The sites whose pages may read with it, and show it in a frame. A courtesy, "
        "not a lock: only browsers keep to it, and what it opens is public.",
    ),
]


class PublishableKeyWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key for a public site."""

    name: Name
    boards: Boards = []
    challenges: Challenges = []
    origins: Origins = []


class PublishableKeyChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different. The key itself stays, and so do the pages that show it."""

    name: Name | UnsetType = UNSET
    boards: Boards | UnsetType = UNSET
    challenges: Challenges | UnsetType = UNSET
    origins: Origins | UnsetType = UNSET


class PublishableKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key for public sites. It is no secret."""

    id: UUID
    key: Annotated[
        str,
        Meta(
            max_length=40,
            description="What stands in the page, as the attribute `key`.",
            examples=["pk_V3yX5cT1rK7wZ9aB2dF4gH6j"],
        ),
    ]
    name: Name
    boards: Boards
    challenges: Challenges
    origins: Origins
    created_by: Annotated[
        str,
        Meta(
            max_length=80,
            description="As the audit trail names them.",
            examples=["member:6f0f2f9c-3b44-4a8e-9f0e-2f6a3c1d5b7e"],
        ),
    ]
    created_at: datetime
    revoked_at: Annotated[datetime | None, Meta(description="From then on it opens nothing.")]

    @classmethod
    def of(cls, key: PublishableKey) -> "PublishableKeyView":
        fields = msgspec.structs.asdict(key)
        return cls(**fields | {name: sorted(fields[name]) for name in SETS})
