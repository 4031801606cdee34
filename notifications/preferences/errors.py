"""What can be wrong with a wish."""

from http import HTTPStatus

from ground.errors import AmbassadeError, Conflict


class AlwaysSaid(Conflict):
    """It is about the member's security, or about what they did: they are always told."""

    code = "always_said"
    title = "This can't be switched off"


class NoPreferences(AmbassadeError):
    """Who isn't a member has no preferences."""

    status = HTTPStatus.NOT_FOUND
    code = "no_preferences"
    title = "There are no preferences"
