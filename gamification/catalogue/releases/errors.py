"""What goes wrong with publications."""

from http import HTTPStatus

from ground.errors import AmbassadeError


class PublicationNotFound(AmbassadeError):
    """No publication has this id."""

    status = HTTPStatus.NOT_FOUND
    code = "publication_not_found"
    title = "There is no such publication"


class PublicationAtWork(AmbassadeError):
    """Another publication is coming into force or going back. There is one at a time."""

    status = HTTPStatus.CONFLICT
    code = "publication_at_work"
    title = "Another publication isn't finished yet"


class DraftChanged(AmbassadeError):
    """A draft isn't the one that the caller has seen, or isn't there."""

    status = HTTPStatus.CONFLICT
    code = "draft_changed"
    title = "A draft has changed meanwhile"


class DraftOutdated(AmbassadeError):
    """Something else was published of the same thing since the draft was saved."""

    status = HTTPStatus.CONFLICT
    code = "draft_outdated"
    title = "Another version was published since the draft was saved"


class NotToBeRolledBack(AmbassadeError):
    """Something later builds on the publication, or it is rolled back already."""

    status = HTTPStatus.CONFLICT
    code = "not_to_be_rolled_back"
    title = "This publication can't be rolled back"


class NothingToPublish(AmbassadeError):
    """The drafts say what is in force already."""

    status = HTTPStatus.CONFLICT
    code = "nothing_to_publish"
    title = "All of this is in force already"
