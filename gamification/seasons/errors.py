"""What can stand in the way of a season."""

from http import HTTPStatus

from ground.errors import AmbassadeError, NotFound


class SeasonNotFound(NotFound):
    """No season of this slug is in force."""

    code = "season_not_found"
    title = "There is no such season"


class SeasonNotOver(AmbassadeError):
    """It hasn't ended, so it can't be closed: let it end earlier instead."""

    status = HTTPStatus.CONFLICT
    code = "season_not_over"
    title = "The season isn't over"
