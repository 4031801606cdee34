"""What others see of a member."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from community.profiles.service import ShownName


class ProfileView(msgspec.Struct, frozen=True, kw_only=True):
    """A member as they chose to be seen."""

    id: UUID
    name: Annotated[
        str,
        Meta(
            max_length=60,
            description="Their name, or the pseudonym they appear under: plain text.",
            examples=["Luciole"],
        ),
    ]

    @classmethod
    def of(cls, shown: ShownName) -> "ProfileView":
        return cls(id=shown.member_id, name=shown.name)
