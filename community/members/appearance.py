"""How a member appears to others, and which choices go together."""

from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from community.members.names import NameNotAcceptable, clean_name
from community.members.views import Change
from gamification.players.tables import Visibility
from ground.errors import FieldError, Invalid

T = TypeVar("T")
NOT_SHOWN: Final = "can't be on public sites while hidden from members: choose `visibility` too"
NO_PSEUDONYM: Final = "is what you chose to appear under, so there has to be one"


class Appearance(msgspec.Struct, frozen=True, kw_only=True):
    """What a member is called, and who sees it."""

    display_name: str
    pseudonym: str | None
    visibility: Visibility
    public_visibility: bool

    def after(self, change: Change) -> "Appearance":
        """The appearance after a change. Hiding from members hides from public sites too."""
        display_name = _given(change.display_name, self.display_name)
        pseudonym = _given(change.pseudonym, self.pseudonym)
        stays_public = self.public_visibility and change.visibility is not Visibility.HIDDEN
        wanted = Appearance(
            display_name=acceptable_name(display_name, "/display_name"),
            pseudonym=pseudonym and acceptable_name(pseudonym, "/pseudonym"),
            visibility=_given(change.visibility, self.visibility),
            public_visibility=_given(change.public_visibility, stays_public),
        )
        wanted.refuse_contradictions()
        return wanted

    def refuse_contradictions(self) -> None:
        """Raise unless the choices go together."""
        if self.public_visibility and self.visibility is Visibility.HIDDEN:
            raise Invalid(errors=(FieldError("/public_visibility", NOT_SHOWN),))
        if self.visibility is Visibility.PSEUDONYM and self.pseudonym is None:
            raise Invalid(errors=(FieldError("/pseudonym", NO_PSEUDONYM),))


def acceptable_name(raw: str, pointer: str) -> str:
    """The name as it is kept, or an error that points at it."""
    try:
        return clean_name(raw)
    except NameNotAcceptable as reason:
        raise Invalid(errors=(FieldError(pointer, str(reason)),)) from reason


def _given(value: T | UnsetType, otherwise: T) -> T:
    return otherwise if value is UNSET else value
