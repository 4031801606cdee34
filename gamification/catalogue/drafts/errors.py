"""What goes wrong with drafts."""

from http import HTTPStatus

from ground.errors import AmbassadeError


class NothingOfThisName(AmbassadeError):
    """Neither published nor drafted."""

    status = HTTPStatus.NOT_FOUND
    code = "nothing_of_this_name"
    title = "There is nothing of this name, published or drafted"


class DraftNotFound(AmbassadeError):
    """It has no draft."""

    status = HTTPStatus.NOT_FOUND
    code = "draft_not_found"
    title = "There is no draft of it"


class DraftsInTheWay(AmbassadeError):
    """A file would overwrite drafts that say something else."""

    status = HTTPStatus.CONFLICT
    code = "drafts_in_the_way"
    title = "There are other drafts of some of these"
