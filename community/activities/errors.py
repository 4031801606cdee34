"""What can be wrong with what systems tell."""

from ground.errors import NotFound


class ActivityNotFound(NotFound):
    """No such activity, or another system's."""

    code = "activity_not_found"
    title = "There is no such activity of yours"
