"""What can stand in the way of reading a segment."""

from ground.errors import NotFound


class SegmentNotFound(NotFound):
    """No segment of that name is in force."""

    code = "segment_not_found"
    title = "There is no such segment"
