"""What is said to and by members over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec
from msgspec import UNSET, Meta, UnsetType

from gamification.players.tables import Population, Visibility
from ground.languages import Language
from ground.roles import Role

RAW_NAME = 240

DisplayName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=RAW_NAME,
        description="What you are called: 1 to 60 characters once trimmed, plain text.",
        examples=["Camille Durand"],
    ),
]
Pseudonym = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=RAW_NAME,
        description="A name to appear under instead: 1 to 60 characters once trimmed.",
        examples=["Luciole"],
    ),
]
TimeZone = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        description="A name of the IANA database. Your days and streaks follow it.",
        examples=["Europe/Paris"],
    ),
]
LocaleField = Annotated[Language, Meta(description="The language to speak to you in.")]
VisibilityField = Annotated[
    Visibility, Meta(description="How you appear to other members: not at all, unless you say.")
]
PublicVisibility = Annotated[
    bool,
    Meta(description="Whether you also appear on public sites: a consent of its own."),
]
PopulationField = Annotated[Population, Meta(description="On which footing you take part.")]


class Joining(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A yes to the charter, and what is needed to take part."""

    display_name: DisplayName
    locale: LocaleField
    time_zone: TimeZone
    charter_version: Annotated[
        int, Meta(ge=1, le=2**31 - 1, description="The version that you read and accept.")
    ]
    old_enough: Annotated[
        bool,
        Meta(description="The answer to the charter's `age_question`. No birth date is asked."),
    ]
    population: PopulationField | UnsetType = UNSET


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change about oneself. What isn't given stays."""

    display_name: DisplayName | UnsetType = UNSET
    pseudonym: Pseudonym | UnsetType | None = UNSET
    locale: LocaleField | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    visibility: VisibilityField | UnsetType = UNSET
    public_visibility: PublicVisibility | UnsetType = UNSET


class CharterStanding(msgspec.Struct, frozen=True, kw_only=True):
    """Which version you accepted, and which is in force. Nothing is withheld if they differ."""

    accepted_version: int
    current_version: int


class MeView(msgspec.Struct, frozen=True, kw_only=True):
    """A member as they see themselves."""

    id: UUID
    display_name: DisplayName
    pseudonym: Pseudonym | None
    role: Role
    population: PopulationField
    locale: LocaleField
    time_zone: TimeZone
    visibility: VisibilityField
    public_visibility: PublicVisibility
    joined_at: datetime
    charter: CharterStanding

    @classmethod
    def of(cls, row: asyncpg.Record) -> "MeView":
        return cls(
            id=row["id"],
            display_name=row["display_name"],
            pseudonym=row["pseudonym"],
            role=Role(row["role"]),
            population=Population(row["population"]),
            locale=Language(row["locale"]),
            time_zone=row["time_zone"],
            visibility=Visibility(row["visibility"]),
            public_visibility=row["public_visibility"],
            joined_at=row["joined_at"],
            charter=CharterStanding(
                accepted_version=row["accepted_version"], current_version=row["current_version"]
            ),
        )
