"""What can stand in the way of a claim."""

from http import HTTPStatus

from ground.errors import AmbassadeError, Conflict


class ClaimCodeInvalid(AmbassadeError):
    """Unknown, used, replaced or out of date: nobody is told which."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "claim_code_invalid"
    title = "This code is not valid, or not any more"


class AlreadyClaimed(Conflict):
    """Another member proved it before."""

    code = "already_claimed"
    title = "Another member has claimed this before"
