"""What can stand in the way of looking at an entry."""

from ground.errors import Conflict, NotFound


class EntryNotFound(NotFound):
    """No such entry, or one that only takes another back."""

    code = "entry_not_found"
    title = "There is no such activity"


class AlreadyReversed(Conflict):
    """It never happened any more, and nothing brings it back."""

    code = "already_reversed"
    title = "This activity was taken back"


class NotHeld(Conflict):
    """Nobody holds it."""

    code = "not_held"
    title = "This activity isn't held"
