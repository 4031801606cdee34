"""What is said about squads over HTTP."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from community.members.views import RAW_NAME
from community.profiles.service import AmongMates
from gamification.by_hand.reason import Reason
from gamification.squads.invitations import Code, NewCode, Waiting
from gamification.squads.reading import SquadRead
from ground.languages import Language

DAY: Final = 86_400

SquadName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=RAW_NAME,
        description="What the squad is called: 1 to 60 characters once trimmed, plain text. "
        "Moderators see it.",
        examples=["Les Lucioles"],
    ),
]
Most = Annotated[int, Meta(ge=2, le=30, description="For how many there is room.")]
IsOpen = Annotated[
    bool, Meta(description="Whether anybody may find and join it; else by invitation or code.")
]
Appears = Annotated[
    bool,
    Meta(
        description="Whether the others in the squad shall see your name (your pseudonym, if you "
        "have one) even while you are hidden elsewhere. Who isn't hidden appears anyway."
    ),
]
Secret = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        description="What somebody of the squad gave you.",
        examples=["pQ8nN0vM3yX5cT1rK7wZ9a"],
    ),
]
ShownName = Annotated[
    str,
    Meta(max_length=60, description="Plain text.", examples=["Luciole"]),
]


class SquadWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A squad to be founded."""

    name: SquadName
    most: Most = 12
    is_open: IsOpen = False
    appears: Appears = False


class SquadChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change about a squad. What isn't given stays."""

    name: SquadName | UnsetType = UNSET
    most: Most | UnsetType = UNSET
    is_open: IsOpen | UnsetType = UNSET


class MembershipWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one wants to be in a squad."""

    appears: Appears = False


class CodeUsed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code that leads to a squad, and how one wants to be in it."""

    code: Secret
    appears: Appears = False


class SquadCodeWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how long a code shall lead to the squad."""

    lasts_seconds: Annotated[
        int, Meta(ge=60, le=30 * DAY, description="A week, unless said. 30 days at most.")
    ] = 7 * DAY


def named(names: dict[UUID, AmongMates], member_id: UUID, *, appears: bool) -> str | None:
    """What somebody is called where their mates look."""
    known = names.get(member_id)
    return None if known is None or (known.is_hidden and not appears) else known.name


class MateView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the squad."""

    name: Annotated[
        ShownName | None, Meta(description="Null for who didn't choose to appear here.")
    ]
    joined_at: datetime
    is_me: bool


class SquadView(msgspec.Struct, frozen=True, kw_only=True):
    """A squad."""

    id: UUID
    name: SquadName
    members: Annotated[int, Meta(description="How many are in it.")]
    most: Most
    is_open: IsOpen
    founded_at: datetime
    is_mine: Annotated[bool, Meta(description="Whether you are in it.")]
    is_founder: Annotated[
        bool,
        Meta(description="Whether you have been in it the longest, and so may change it."),
    ]
    is_invited: Annotated[bool, Meta(description="Whether an invitation waits for your answer.")]
    renamed_because: Annotated[
        str | None,
        Meta(
            description="Why moderators gave it another name; null if they didn't.",
            examples=["Le nom d’avant blessait quelqu’un."],
        ),
    ]
    mates: Annotated[
        list[MateView] | None,
        Meta(description="Who is in it, the longest there first; null unless you are."),
    ]

    @classmethod
    def of(
        cls, squad: SquadRead, member_id: UUID, names: dict[UUID, AmongMates], language: Language
    ) -> "SquadView":
        is_mine = squad.has(member_id)
        mates = [
            MateView(
                name=named(names, mate.member_id, appears=mate.appears),
                joined_at=mate.joined_at,
                is_me=mate.member_id == member_id,
            )
            for mate in squad.mates
        ]
        because = squad.renamed_because
        return cls(
            id=squad.id,
            name=squad.name,
            members=squad.members,
            most=squad.most,
            is_open=squad.is_open,
            founded_at=squad.founded_at,
            is_mine=is_mine,
            is_founder=squad.founder == member_id,
            is_invited=squad.is_invited,
            renamed_because=None if because is None else because.in_language(language),
            mates=mates if is_mine else None,
        )


class MySquads(msgspec.Struct, frozen=True, kw_only=True):
    """The squads that one is in: three at most."""

    items: list[SquadView]


class OpenSquadView(msgspec.Struct, frozen=True, kw_only=True):
    """A squad that anybody may join, and that has room."""

    id: UUID
    name: SquadName
    members: int
    most: Most
    founded_at: datetime

    @classmethod
    def of(cls, squad: SquadRead) -> "OpenSquadView":
        return cls(
            id=squad.id,
            name=squad.name,
            members=squad.members,
            most=squad.most,
            founded_at=squad.founded_at,
        )


class InvitationView(msgspec.Struct, frozen=True, kw_only=True):
    """A squad that would be glad if you came. Nothing happens if you don't answer."""

    squad: UUID
    name: SquadName
    members: int
    most: Most
    invited_by: Annotated[
        ShownName | None, Meta(description="Null if they don't appear, or left the squad since.")
    ]
    asked_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, waiting: Waiting, names: dict[UUID, AmongMates]) -> "InvitationView":
        by, appears = waiting.invited_by, waiting.appears
        return cls(
            squad=waiting.squad,
            name=waiting.name,
            members=waiting.members,
            most=waiting.most,
            invited_by=None if appears is None else named(names, by, appears=appears),
            asked_at=waiting.asked_at,
            expires_at=waiting.expires_at,
        )


class SquadCodeView(msgspec.Struct, frozen=True, kw_only=True):
    """A code that works. What it reads was told once, to who made it."""

    id: UUID
    made_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, code: Code) -> "SquadCodeView":
        return cls(id=code.id, made_at=code.made_at, expires_at=code.expires_at)


class SquadCodes(msgspec.Struct, frozen=True, kw_only=True):
    """The codes that lead to a squad: five at most."""

    items: list[SquadCodeView]


class NewSquadCodeView(msgspec.Struct, frozen=True, kw_only=True):
    """A code to hand to whom one wants in the squad. It is told once."""

    id: UUID
    code: Secret
    expires_at: datetime

    @classmethod
    def of(cls, made: NewCode) -> "NewSquadCodeView":
        return cls(id=made.code.id, code=made.secret, expires_at=made.code.expires_at)


class ManagedSquadView(msgspec.Struct, frozen=True, kw_only=True):
    """A squad as moderators see it."""

    id: UUID
    name: SquadName
    members: int
    most: Most
    is_open: IsOpen
    founded_at: datetime
    renamed_because: Reason | None
    dissolved_at: datetime | None
    dissolved_because: Reason | None

    @classmethod
    def of(cls, squad: SquadRead) -> "ManagedSquadView":
        return cls(
            id=squad.id,
            name=squad.name,
            members=squad.members,
            most=squad.most,
            is_open=squad.is_open,
            founded_at=squad.founded_at,
            renamed_because=squad.renamed_because,
            dissolved_at=squad.dissolved_at,
            dissolved_because=squad.dissolved_because,
        )


class NameByStaff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another name for a squad, and why: its members read it."""

    name: SquadName
    reason: Reason


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a squad is dissolved."""

    reason: Reason
