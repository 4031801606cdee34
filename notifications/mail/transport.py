"""Where mail goes: to an SMTP server, or into a folder while somebody develops."""

import asyncio
from pathlib import Path
from ssl import SSLCertVerificationError, SSLError
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import msgspec
from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from aiosmtplib.errors import SMTPAuthenticationError, SMTPDataError

from notifications.mail.letter import AddressUnusable, Letter, address_of, message_of

SECONDS: Final = 20.0
FOR_GOOD: Final = 500
PORTS: Final = {"smtp": 587, "smtps": 465}
ON_THIS_MACHINE: Final = {"localhost", "127.0.0.1", "::1"}
# The first that fits.
REFUSED: Final[tuple[tuple[type[Exception], str], ...]] = (
    (SMTPAuthenticationError, "the user or the password"),
    (SMTPSenderRefused, "the sender"),
    (SMTPResponseException, "us"),
)
UNREACHED: Final[tuple[tuple[type[Exception], str], ...]] = (
    (SSLCertVerificationError, "the server's certificate isn't trusted, or is another host's"),
    (SSLError, "the server speaks no TLS there"),
    (OSError, "the server can't be reached"),
)


class AddressRefused(Exception):
    """Nobody can be written to there: the server said so for good."""


class TryLater(Exception):
    """This mail can't be taken now, or its answer was lost."""


class MailAway(Exception):
    """No mail gets through at all: there is no server, or it doesn't want ours."""


class Post(Protocol):
    """A way out for one mail after the other."""

    async def send(self, letter: Letter, sender: str) -> None: ...

    async def close(self) -> None: ...


class Transport(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail goes. Either to a host, or into a folder."""

    host: str = ""
    port: int = 0
    tls: bool = True
    # TLS from the first byte; otherwise the server is asked for it before anything is said.
    at_once: bool = False
    user: str | None = None
    password: str | None = None
    folder: str = ""

    def post(self) -> Post:
        """A connection, made when the first mail leaves."""
        return Folder(Path(self.folder)) if self.folder else Smtp(self)


def transport_in(url: str) -> Transport:
    """`smtps://user:password@host:465`, `smtp://host:587` or `file:folder`.

    With `smtp://` TLS is insisted on, but on this machine. Raises where it has no sense.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path and not parts.netloc:
        return Transport(folder=unquote(parts.path))
    bare = parts.path in {"", "/"} and not parts.query and not parts.fragment
    if parts.scheme not in PORTS or not parts.hostname or not bare:
        raise ValueError("is not an address of an SMTP server")
    if (parts.username is None) != (parts.password is None):
        raise ValueError("has a user without a password, or the reverse")
    at_once = parts.scheme == "smtps"
    return Transport(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        tls=at_once or parts.hostname not in ON_THIS_MACHINE,
        at_once=at_once,
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


class Folder:
    """Keeps mails as files, for who develops."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, letter: Letter, sender: str) -> None:
        content = bytes(message_of(letter, sender))
        name = f"{letter.at:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}.eml"
        await asyncio.to_thread(self._write, name, content)

    def _write(self, name: str, content: bytes) -> None:
        self._path.mkdir(parents=True, exist_ok=True)
        (self._path / name).write_bytes(content)

    async def close(self) -> None:
        """Nothing is open."""


class Smtp:
    """A connection to a server, for one mail after the other."""

    def __init__(self, to: Transport) -> None:
        self._to = to
        self._client: SMTP | None = None

    async def send(self, letter: Letter, sender: str) -> None:
        try:
            recipient = address_of(letter.to).addr_spec
            content = bytes(message_of(letter, sender))
        except AddressUnusable as failure:
            raise AddressRefused from failure
        client = await self._connected()
        try:
            await client.sendmail(address_of(sender).addr_spec, [recipient], content)
        except SMTPRecipientsRefused as failure:
            raise _refused(failure.recipients[0]) from None
        except (SMTPRecipientRefused, SMTPDataError) as failure:
            raise _refused(failure) from None
        except SMTPNotSupported as failure:
            raise AddressRefused from failure
        except (SMTPSenderRefused, SMTPResponseException) as failure:
            await self.close()
            raise MailAway(_in_words(failure)) from None
        except (SMTPException, OSError) as failure:
            await self.close()
            raise TryLater(type(failure).__name__) from None

    async def _connected(self) -> SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        to = self._to
        client = SMTP(
            hostname=to.host,
            port=to.port,
            username=to.user,
            password=to.password,
            use_tls=to.at_once,
            start_tls=to.tls and not to.at_once,
            timeout=SECONDS,
        )
        try:
            await client.connect()
        except (SMTPException, OSError) as failure:
            client.close()
            raise MailAway(_in_words(failure)) from None
        self._client = client
        return client

    async def try_out(self) -> None:
        """Greet the server and sign in, without a mail. Raises `MailAway` with the reason."""
        try:
            async with asyncio.timeout(SECONDS):
                await self._connected()
        except TimeoutError:
            raise MailAway("the server doesn't answer") from None
        finally:
            await self.close()

    async def close(self) -> None:
        """Say goodbye, if there is somebody to say it to."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            if client.is_connected:
                await client.quit()
        except (SMTPException, OSError):
            # It hung up first.
            client.close()


def _refused(failure: SMTPResponseException) -> Exception:
    """What a server says isn't repeated: it names the address."""
    if failure.code >= FOR_GOOD:
        return AddressRefused(str(failure.code))
    return TryLater(str(failure.code))


def _in_words(failure: Exception) -> str:
    """What is in the way of all mail, for who has to mend it. No address is in it."""
    if isinstance(failure, SMTPResponseException):
        what = next(what for kind, what in REFUSED if isinstance(failure, kind))
        return f"the server refuses {what} ({failure.code})"
    for kind, words in UNREACHED:
        if isinstance(failure.__cause__ or failure, kind):
            return words
    # It offers no STARTTLS, or no way to sign in that is known here.
    return str(failure).rstrip(".")
