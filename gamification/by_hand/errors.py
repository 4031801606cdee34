"""What can stand in the way of an act by hand."""

from http import HTTPStatus

from ground.errors import AmbassadeError, Conflict, NotAllowed, NotFound


class OwnRecognition(NotAllowed):
    """Nobody decides about their own recognition."""

    code = "own_recognition"
    title = "Another member of staff has to decide what concerns you"


class MembersNotThere(AmbassadeError):
    """Somebody who is named isn't an active member; each error says who."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "members_not_there"
    title = "Somebody who is named isn't an active member"


class NotGivable(AmbassadeError):
    """No badge or kind in force by that name, or none that fits what else is said."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "not_givable"
    title = "The catalogue has nothing like that to give"


class ActNotFound(NotFound):
    """No act by that id."""

    code = "act_not_found"
    title = "There is no such act"


class ActDecided(Conflict):
    """It was done, declined or withdrawn before, or its time is over."""

    code = "act_decided"
    title = "This act waits for no word any more"


class SecondWordNeeded(Conflict):
    """More than one manager may do alone."""

    code = "second_word_needed"
    title = "This takes a second manager: hold it, and let another reverse it"


class OwnProposal(NotAllowed):
    """The second word is another manager's."""

    code = "own_proposal"
    title = "Another manager has to decide about your proposal"


class AnothersProposal(NotAllowed):
    """Only who proposed something withdraws it; anybody else declines it."""

    code = "anothers_proposal"
    title = "Only who proposed it can withdraw it"


class ProposerGone(Conflict):
    """Who proposed it is no manager any more, so there is no first word."""

    code = "proposer_gone"
    title = "Who proposed it is no manager any more"
