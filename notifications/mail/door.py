"""The one door through which mail leaves, and what all of it has in common."""

import asyncio

import msgspec

from notifications.mail.letter import Letter
from notifications.mail.transport import SECONDS, Post, Transport, TryLater


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail goes, from whom, and where its links lead."""

    transport: Transport
    sender: str
    programme: str
    public_url: str

    def address_of(self, path: str) -> str:
        """Where a path of the app leads from outside. Anything else leads to its beginning."""
        is_path = path.startswith("/") and not path.startswith(("//", "/\\"))
        return self.public_url.rstrip("/") + (path if is_path else "/")

    @property
    def domain(self) -> str:
        """What ids of messages end with."""
        return self.sender.rstrip("> ").rpartition("@")[2]


_mailing: Mailing | None = None


def use(found: Mailing | None) -> None:
    """Let mail leave this way from now on, or not at all."""
    global _mailing
    _mailing = found


def mailing() -> Mailing | None:
    """How mail leaves, if it does."""
    return _mailing


async def send(letter: Letter, post: Post, by: Mailing) -> None:
    """Send a mail. Raises `AddressRefused`, `TryLater` or `MailAway`."""
    try:
        async with asyncio.timeout(SECONDS):
            await post.send(letter, by.sender)
    except TimeoutError:
        await post.close()
        raise TryLater("silence") from None
