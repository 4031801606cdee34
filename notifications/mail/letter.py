"""A mail as it is sent: plain text beside HTML, and a way to end it. Pure."""

from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

import msgspec

from ground.languages import Language


class AddressUnusable(ValueError):
    """Nothing can be sent to what this text says."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is written. The id is the same however often it is tried (I28)."""

    to: str
    subject: str
    text: str
    html: str
    language: Language
    message_id: str
    unsubscribe: str
    at: datetime


def message_of(letter: Letter, sender: str) -> EmailMessage:
    """The mail with its headers; unsubscribing takes one click (RFC 2369, RFC 8058)."""
    message = EmailMessage(policy=SMTP)
    message["From"] = address_of(sender)
    message["To"] = address_of(letter.to)
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = letter.message_id
    message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = letter.language.value
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message


def address_of(text: str) -> Address:
    """An address, alone or behind a name. Raises where there is none."""
    if not text.isprintable():
        raise AddressUnusable("is not an address")
    name, address = parseaddr(text)
    try:
        found = Address(display_name=name, addr_spec=address)
    except (ValueError, HeaderParseError, IndexError) as failure:
        raise AddressUnusable("is not an address") from failure
    if not found.username or not found.domain:
        raise AddressUnusable("is not an address")
    return found
