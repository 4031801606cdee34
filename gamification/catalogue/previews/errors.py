"""What goes wrong with previews."""

from http import HTTPStatus

from ground.errors import AmbassadeError


class PreviewNotFound(AmbassadeError):
    """No preview has this id, or it has expired."""

    status = HTTPStatus.NOT_FOUND
    code = "preview_not_found"
    title = "There is no such preview, or not any more"


class TooManyPreviews(AmbassadeError):
    """Several previews are being worked out already."""

    status = HTTPStatus.CONFLICT
    code = "too_many_previews"
    title = "Other previews are being worked out: wait for them, or cancel one"


class NothingDrafted(AmbassadeError):
    """There is no draft to be previewed, or the drafts say what is in force already."""

    status = HTTPStatus.CONFLICT
    code = "nothing_drafted"
    title = "There is nothing to preview"
