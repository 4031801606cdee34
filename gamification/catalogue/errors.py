"""What goes wrong with a catalogue."""

from collections.abc import Sequence
from http import HTTPStatus

from ground.errors import AmbassadeError, FieldError

MOST_FAULTS = 100


class CatalogueInvalid(AmbassadeError):
    """A definition that can't be published; each error names the place and the reason."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "catalogue_invalid"
    title = "The catalogue can't be published"

    @classmethod
    def with_faults(cls, faults: Sequence[FieldError]) -> "CatalogueInvalid":
        """All that is wrong, or the beginning of very much."""
        many = "1 mistake" if len(faults) == 1 else f"{len(faults)} mistakes"
        return cls(many, errors=tuple(faults[:MOST_FAULTS]))


class CriteriaCycle(AmbassadeError):
    """Badges or tiers that wait for each other."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "criteria_cycle"
    title = "These criteria wait for each other"

    def __init__(self, path: Sequence[str]) -> None:
        super().__init__(" > ".join(path))
        self.path = tuple(path)


class BadgeNotFound(AmbassadeError):
    """No such badge, or a secret one that the member doesn't have."""

    status = HTTPStatus.NOT_FOUND
    code = "badge_not_found"
    title = "There is no such badge"


class NotInCatalogue(AmbassadeError):
    """Nothing of this name is in force."""

    status = HTTPStatus.NOT_FOUND
    code = "not_in_catalogue"
    title = "The catalogue holds no such thing"


class TierNotFound(AmbassadeError):
    """No tier of this slug is in force."""

    status = HTTPStatus.NOT_FOUND
    code = "tier_not_found"
    title = "There is no such tier"


class ImageNotFound(AmbassadeError):
    """No image of this name is shipped."""

    status = HTTPStatus.NOT_FOUND
    code = "image_not_found"
    title = "There is no such image"
