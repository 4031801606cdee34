"""What can stand in the way of reading a board."""

from http import HTTPStatus

from ground.errors import AmbassadeError, NotFound


class BoardNotFound(NotFound):
    """No board of that name is in force."""

    code = "board_not_found"
    title = "There is no such board"


class PeriodNotOnBoard(AmbassadeError):
    """The board doesn't have this period."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "period_not_on_board"
    title = "The board isn't kept for this period"
