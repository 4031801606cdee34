"""What can stand in the way of squads."""

from http import HTTPStatus

from ground.errors import AmbassadeError, Conflict, NotAllowed, NotFound


class SquadNotFound(NotFound):
    """No such squad, or one that isn't the caller's to see."""

    code = "squad_not_found"
    title = "There is no such squad, or it isn't open to you"


class SquadFull(Conflict):
    """As many are in it as there is room for."""

    code = "squad_full"
    title = "There is no room left in this squad"


class TooManySquads(Conflict):
    """One is in a few squads at most, so that each of them is alive."""

    code = "too_many_squads"
    title = "You are in as many squads as one can be: leave one first"


class SquadTooSmall(Conflict):
    """More are in it than it would have room for."""

    code = "squad_too_small"
    title = "More members are in the squad than would have room"


class FounderNeeded(NotAllowed):
    """Only who has been in the squad the longest changes it."""

    code = "founder_needed"
    title = "Only who has been in the squad the longest can do this"


class SquadCodeInvalid(AmbassadeError):
    """Unknown, expired or revoked: nobody is told which."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "squad_code_invalid"
    title = "This code doesn't lead to a squad, or not any more"


class TooManyInvitations(Conflict):
    """So many wait already, that nobody is to be asked before some are answered."""

    code = "too_many_invitations"
    title = "As many invitations or codes are out as there may be"


class SquadCodeNotFound(NotFound):
    """No such code of this squad, or it works no more."""

    code = "squad_code_not_found"
    title = "There is no such code"
