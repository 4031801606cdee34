"""What can be wrong about a publishable key."""

from http import HTTPStatus

from ground.errors import AmbassadeError, Conflict, NotFound


class PublishableKeyNotFound(NotFound):
    """No such publishable key."""

    code = "publishable_key_not_found"
    title = "There is no such publishable key"


class PublishableKeyRevoked(Conflict):
    """It was revoked, and nothing of it changes any more."""

    code = "publishable_key_revoked"
    title = "This publishable key was revoked"


class PublishableKeyNotAcceptable(AmbassadeError):
    """A name, an origin or a board that a publishable key can't have."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "publishable_key_not_acceptable"
    title = "A publishable key can't be made like this"


class PublishableKeyUnknown(AmbassadeError):
    """The page's key was never given out, or was revoked."""

    status = HTTPStatus.UNAUTHORIZED
    code = "publishable_key_unknown"
    title = "This key opens nothing"
