"""What can go wrong with challenges."""

from http import HTTPStatus

from ground.errors import AmbassadeError, FieldError, Invalid


class ChallengeNotFound(AmbassadeError):
    """There is no such challenge, or it isn't for this member to see."""

    status = HTTPStatus.NOT_FOUND
    code = "challenge_not_found"
    title = "There is no such challenge"


class ChallengeInvalid(Invalid):
    """It can't be as it is written: each place is named, with the reason."""

    code = "challenge_invalid"
    title = "This challenge can't be"

    @classmethod
    def with_faults(cls, faults: list[FieldError]) -> "ChallengeInvalid":
        return cls(errors=tuple(faults))


class ChallengeNotOpen(AmbassadeError):
    """It isn't published, or it is over."""

    status = HTTPStatus.CONFLICT
    code = "challenge_not_open"
    title = "One can't take part in this challenge now"


class ChallengeState(AmbassadeError):
    """Where the challenge stands doesn't allow it."""

    status = HTTPStatus.CONFLICT
    code = "challenge_state"
    title = "The challenge doesn't stand where this could be done"


class TeamNeeded(AmbassadeError):
    """A challenge of squads is entered with a squad."""

    status = HTTPStatus.CONFLICT
    code = "squad_needed"
    title = "One takes part in this challenge with a squad"


class AlreadyInATeam(AmbassadeError):
    """The member takes part with another team."""

    status = HTTPStatus.CONFLICT
    code = "already_in_a_team"
    title = "The member takes part with another team"
