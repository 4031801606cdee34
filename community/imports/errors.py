"""What can be wrong with what is brought in."""

from http import HTTPStatus

from ground.errors import AmbassadeError


class DumpUnreadable(AmbassadeError):
    """A dump that can't be taken as it is. The detail names the file, and the row if it is one."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "dump_unreadable"
    title = "This dump can't be read"
