"""What can be wrong about a charter's version."""

from http import HTTPStatus

from ground.errors import AmbassadeError, NotFound


class CharterVersionNotFound(NotFound):
    """Never published."""

    code = "charter_version_not_found"
    title = "The charter has no such version"


class CharterOutdated(AmbassadeError):
    """One accepts what is in force, and nothing else."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "charter_outdated"
    title = "This isn't the current version of the charter"


class CharterIncomplete(AmbassadeError):
    """Everybody has to be able to read what they accept."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "charter_incomplete"
    title = "The charter needs a text in every shipped language"


class CharterUnpublished(AmbassadeError):
    """Nobody can join before there is something to accept."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "charter_unpublished"
    title = "No charter has been published yet; `ambassade migrate` publishes the first"
