"""What can go wrong with journeys."""

from http import HTTPStatus

from ground.errors import AmbassadeError, Invalid


class JourneyNotFound(AmbassadeError):
    """There is no such journey."""

    status = HTTPStatus.NOT_FOUND
    code = "journey_not_found"
    title = "There is no such journey"


class JourneyInvalid(Invalid):
    """It can't be as it is written: each place is named, with the reason."""

    code = "journey_invalid"
    title = "This journey can't be"
