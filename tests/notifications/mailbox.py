"""A real SMTP server for tests, which answers as it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ssl import SSLContext
from typing import Any

from aiosmtpd.smtp import SMTP

from notifications.mail import door
from notifications.mail.door import Mailing
from notifications.mail.transport import transport_in

SENDER = "Brume <bonjour@brume.example>"
PUBLIC_URL = "https://api.brume.example"
OK = "250 OK"


class Mailbox:
    """What arrived. `to_recipients` and `to_content` are what it answers next, in turn."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        # Whether each who said who they are was known.
        self.signed_in: list[bool] = []
        self.to_recipients: list[str] = []
        self.to_content: list[str] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        self.recipients.append(address)
        answer = self.to_recipients.pop(0) if self.to_recipients else OK
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.to_content.pop(0) if self.to_content else OK
        if answer == OK:
            self.mails.append(message_from_bytes(envelope.content, policy=default))
        return answer


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """Let mail go to a server that is there for the block."""
    box, before = Mailbox(), door.mailing()
    async with listening(box) as port:
        door.use(mailing_to(f"smtp://127.0.0.1:{port}"))
        try:
            yield box
        finally:
            door.use(before)


@asynccontextmanager
async def listening(
    box: Mailbox, at_once: SSLContext | None = None, **how: Any
) -> AsyncIterator[int]:
    """A server on this machine, with TLS from the first byte if wanted. Gives its port."""
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, hostname="mailbox.example", **how), "127.0.0.1", 0, ssl=at_once
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def mailing_to(url: str) -> Mailing:
    return Mailing(
        transport=transport_in(url), sender=SENDER, programme="Brume", public_url=PUBLIC_URL
    )
