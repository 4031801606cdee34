"""What can be wrong about an integration key."""

from http import HTTPStatus

from ground.errors import AmbassadeError, Conflict, NotFound


class KeyNotFound(NotFound):
    """No such key."""

    code = "key_not_found"
    title = "There is no such integration key"


class SourceTaken(Conflict):
    """One current key a source: rotation replaces it without a gap."""

    code = "source_taken"
    title = "This source has a key already; rotate or revoke it"


class KeyNotCurrent(Conflict):
    """Revoked or replaced already."""

    code = "key_not_current"
    title = "This key was revoked, has expired or was replaced already"


class KeyNotAcceptable(AmbassadeError):
    """A name, source or duration that a key can't have."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "key_not_acceptable"
    title = "A key can't be made like this"
