"""What goes wrong with the ledger."""

from http import HTTPStatus

from ground.errors import AmbassadeError


class EntryNotFound(AmbassadeError):
    """No such entry, or another source's."""

    status = HTTPStatus.NOT_FOUND
    code = "entry_not_found"
    title = "There is no such activity"


class PlayerNotFound(AmbassadeError):
    """Nobody of this id takes part."""

    status = HTTPStatus.NOT_FOUND
    code = "player_not_found"
    title = "There is no such member"
