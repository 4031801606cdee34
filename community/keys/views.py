"""What is said about the keys of systems over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from community.keys.key import DEFAULT_OVERLAP, LONGEST_OVERLAP, Key, KeyState, NewKey
from community.keys.scopes import Scope

A_MINUTE = 60
TEN_YEARS = 3650 * 86_400

Name = Annotated[
    str,
    Meta(min_length=1, max_length=60, description="What people call the system.", examples=["CRM"]),
]
Source = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        description="What the ledger calls the system: small letters, digits and hyphens.",
        examples=["crm"],
    ),
]
Scopes = Annotated[
    list[Scope],
    Meta(
        min_length=1,
        max_length=20,
        description="What it may do.",
        examples=[[Scope.ACTIVITIES_WRITE]],
    ),
]


class KeyWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key for a system that has none."""

    name: Name
    source: Source
    scopes: Scopes
    lasts_seconds: (
        Annotated[int, Meta(ge=A_MINUTE, le=TEN_YEARS, description="Without it, until revoked.")]
        | None
    ) = None


class KeyChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different. Its source and its secret stay."""

    name: Name | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET


class RotationWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long the old secret goes on working beside the new one."""

    overlap_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=int(LONGEST_OVERLAP.total_seconds()),
            description="A day unless said otherwise, 30 days at most. 0 ends the old one at once.",
        ),
    ] = int(DEFAULT_OVERLAP.total_seconds())


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key, without its secret."""

    id: UUID
    name: Name
    source: Source
    prefix: Annotated[
        str,
        Meta(max_length=12, description="How its secret begins.", examples=["sk_pQ8nN0vM"]),
    ]
    scopes: list[Scope]
    state: Annotated[
        KeyState, Meta(description="`replaced` works until it expires; `active` has no successor.")
    ]
    created_at: datetime
    last_used_at: Annotated[
        datetime | None, Meta(description="Written once a minute at most; null if never used.")
    ]
    expires_at: Annotated[datetime | None, Meta(description="From then on it opens nothing.")]
    replaced_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: Key, now: datetime) -> "KeyView":
        fields = msgspec.structs.asdict(key) | {
            "scopes": sorted(Scope(scope) for scope in key.scopes),
            "state": key.state_at(now),
        }
        return cls(**fields)


class NewKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key with its secret. Keep it now: it isn't told again."""

    key: KeyView
    secret: Annotated[
        str,
        Meta(
            max_length=60,
            description="Send it as the header `X-API-Key`.",
            examples=["sk_pQ8nN0vM3yX5cT1rK7wZ9aB2dF4gH6jLmS8uV0xY2zA"],
        ),
    ]

    @classmethod
    def of(cls, made: NewKey, now: datetime) -> "NewKeyView":
        return cls(key=KeyView.of(made.key, now), secret=made.secret)
