"""What can stand in the way of members."""

from http import HTTPStatus

from ground.errors import AmbassadeError, Conflict, NotFound


class MemberNotFound(NotFound):
    """Nobody by that id, or somebody who chose not to be seen."""

    code = "member_not_found"
    title = "There is no such member, or they don't wish to be seen"


class TooYoung(AmbassadeError):
    """Below the age from which one may join. Nothing about the person was kept."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "too_young"
    title = "One has to be a little older to join; nothing was stored"


class PopulationNotOpen(AmbassadeError):
    """Nobody declares themselves part of this population."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "population_not_open"
    title = "One doesn't join as this population by oneself"


class NotAMemberAnyMore(AmbassadeError):
    """Left or merged, a moment ago and perhaps elsewhere."""

    status = HTTPStatus.FORBIDDEN
    code = "not_a_member"
    title = "You are not a member any more"


class NotMergeable(Conflict):
    """These two can't become one."""

    code = "not_mergeable"
    title = "These two members can't be made one"
