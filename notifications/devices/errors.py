"""What can stand in the way of a device."""

from ground.errors import Conflict


class NobodyToReach(Conflict):
    """Whoever registers a device has just left."""

    code = "nobody_to_reach"
    title = "Who has left can't be reached on a device"
