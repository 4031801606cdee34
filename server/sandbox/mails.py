"""The mails that were kept as files instead of being sent."""

import re
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Final

import msgspec

MOST_LISTED: Final = 100
# How the folder names them; nothing else of it is shown.
NAME: Final = re.compile(r"(?P<at>\d{8}T\d{6})-[0-9a-f]{8}")
HEADERS: Final = ("From", "To", "Date", "List-Unsubscribe")


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that was kept."""

    name: str
    at: datetime
    to: str
    subject: str
    headers: list[tuple[str, str]]
    text: str
    html: str


class Mails:
    """A folder of mails; none if mail goes elsewhere."""

    def __init__(self, folder: str = "") -> None:
        self._folder = Path(folder) if folder else None

    @property
    def keeps(self) -> bool:
        return self._folder is not None

    def newest(self) -> list[Mail]:
        """The last mails, the newest first."""
        names = sorted(self._names(), reverse=True)[:MOST_LISTED]
        return [mail for name in names if (mail := self.read(name)) is not None]

    def raw(self, name: str) -> bytes | None:
        """A mail as it was sent, if it is there."""
        if self._folder is None or not NAME.fullmatch(name):
            return None
        try:
            return (self._folder / f"{name}.eml").read_bytes()
        except OSError:
            # It was tidied away meanwhile.
            return None

    def read(self, name: str) -> Mail | None:
        """A mail with its parts, if it is there."""
        raw, named = self.raw(name), NAME.fullmatch(name)
        if raw is None or named is None:
            return None
        message = BytesParser(EmailMessage, policy=default).parsebytes(raw)
        return Mail(
            name=name,
            at=datetime.strptime(f"{named['at']}+0000", "%Y%m%dT%H%M%S%z"),
            to=str(message.get("To", "")),
            subject=str(message.get("Subject", "")),
            headers=[(each, str(message[each])) for each in HEADERS if message[each]],
            text=_part(message, "plain"),
            html=_part(message, "html"),
        )

    def _names(self) -> Iterator[str]:
        if self._folder is not None and self._folder.is_dir():
            yield from (each.stem for each in self._folder.glob("*.eml") if NAME.match(each.stem))


def _part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    return "" if found is None else str(found.get_content())
