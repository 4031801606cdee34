"""What can be wrong with what is brought in."""

from http import HTTPStatus

from ground.errors import AmbassadeError


class DumpUnreadable(AmbassadeError):
    """A dump that can't be taken as it is. The detail names the file, and the row if it is one."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "dump_unreadable"
    title = "This dump can't be read"


class SheetUnreadable(AmbassadeError):
    """A file that isn't a table of lines and cells. The detail names the file, and the line."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "sheet_unreadable"
    title = "This file can't be read as a table"


class LineRejected(Exception):
    """One line of a table that can't be taken. The code is stable, the words are for people."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


class LineLeftOut(Exception):
    """One line that is fine and doesn't belong here, such as that of a robot."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def quoted(text: str, most: int = 40) -> str:
    """What somebody wrote, as an error may repeat it."""
    return repr(text if len(text) <= most else f"{text[:most]}…")
