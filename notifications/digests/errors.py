"""What can be wrong about a digest."""

from ground.errors import NotFound


class DigestNotFound(NotFound):
    """No digest of the member's has this id; they are kept for a year."""

    code = "digest_not_found"
    title = "There is no such digest"
