"""What is said about claims over HTTP."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from community.claims.service import Issued

ExternalId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        description="What your system calls the person.",
        examples=["4711"],
    ),
]


class CodeWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For whom a code is."""

    external_id: ExternalId


class CodeView(msgspec.Struct, frozen=True, kw_only=True):
    """A code to hand to this person and nobody else. It is told once, and works once."""

    code: Annotated[str, Meta(max_length=40, examples=["pQ8nN0vM3yX5cT1rK7wZ9aB2dF4gH6jL"])]
    expires_at: datetime

    @classmethod
    def of(cls, issued: Issued) -> "CodeView":
        return cls(code=issued.code, expires_at=issued.expires_at)


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What proves who you are elsewhere: a code, or without one the address in your token."""

    code: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=100,
                description="What the other system gave you.",
                examples=["pQ8nN0vM3yX5cT1rK7wZ9aB2dF4gH6jL"],
            ),
        ]
        | UnsetType
    ) = UNSET
