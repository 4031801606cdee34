"""What can be wrong about a message."""

from ground.errors import NotFound


class NotificationNotFound(NotFound):
    """No message of the member's has this id."""

    code = "notification_not_found"
    title = "There is no such message"
